import type { Bot, Reply } from '../../src/operations/bot.ts';

export interface FakeBot extends Bot {
  /** Every call in order: the verb and what it was given. */
  calls: { verb: keyof Bot; input: Record<string, unknown> }[];
  /** What the verbs answer; replace one to make it answer otherwise or throw. */
  answers: { [Verb in keyof Bot]: (input: never) => unknown };
  called(verb: keyof Bot): Record<string, unknown>[];
}

/** A bot that notes what it is asked and does nothing. */
export function createFakeBot(): FakeBot {
  const done = (): Reply => ({ private: null });
  const answers: FakeBot['answers'] = {
    message: () => true,
    revise: () => undefined,
    answerQuestion: done,
    start: done,
    decideStart: done,
    cancel: done,
    editValues: () => [],
    edit: done,
    raiseBriefBudget: done,
    decide: done,
    withdraw: done,
    why: done,
    raiseBudget: done,
    confirm: done,
    stopListed: done,
    continueFromReport: done,
    ship: done,
    decideShipment: done,
    campaigns: () => [],
    command: done,
  };
  const calls: FakeBot['calls'] = [];
  const verbs = Object.keys(answers) as (keyof Bot)[];
  const bot = Object.fromEntries(
    verbs.map((verb) => [
      verb,
      async (input: Record<string, unknown>) => {
        calls.push({ verb, input });
        return answers[verb](input as never);
      },
    ]),
  ) as unknown as Bot;
  const called = (verb: keyof Bot): Record<string, unknown>[] =>
    calls.filter((call) => call.verb === verb).map((call) => call.input);
  return { ...bot, calls, answers, called };
}

/** Polls until `condition` holds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string,
  timeoutMs = 5000,
): Promise<void> {
  const startedMs = performance.now();
  while (!(await condition())) {
    if (performance.now() - startedMs > timeoutMs) throw new Error(`waited ${timeoutMs} ms for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
