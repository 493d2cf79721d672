import { briefFields } from '../../campaign/brief.ts';
import type { IntakeEntry } from '../../campaign/intake-entry.ts';
import { metricNames } from '../../scoring/types.ts';
import { cleanLine } from '../clean-text.ts';
import type { IntakeInput, IntakeTurn } from '../port.ts';
import { data, fencePrompt } from './fence.ts';
import { rowLine } from './item-text.ts';
import { fitLines, withinTokens } from './share-out.ts';

const instructions = `You are the ear of a bot in a team chat that fine-tunes language models. A person describes what a model should learn. Read their last message and say what it means, field by field. You decide nothing: a program checks every value, asks for what is missing, shows a card with the whole request, and a person presses Start.

values: for each field the value in the person's words, or null when the message does not say it. Never guess, and never take a value from a file or from another message. Fields:
- data: the name of a known task, or of an attached file ("train=NAME" to train on it)
- badRows: "leave out" or "show"
- metric: one of ${metricNames.join(', ')}
- budget: total compute, as "15 min", "2 h" or "$20"
- askAbove: the cost of a node above which people are asked, as "2 min" or "$5"; "never" or "always"
- usdPerHour: what an hour on one slot costs, as "$2.50 an hour"
- baseModel: the id of a known model
- methods: "full", "lora", "qlora" or "both"
- objective: "sft" (completions), "dpo" (pairs of a better and a worse answer) or "grpo" (reinforcement learning, rewarded by the metric)
- target: "95%", or "none"
- parallel: how many runs at the same time
- deadline: the moment in the person's words, as "9am" or "in 3 hours"; "none"
- maxNodes: at most so many nodes
- policy: uct, greedy or sequential
- title: only when they give it a name
To take a value back, write "default".

saysGoal: true when the message says something about what the model should learn.
cancelled: true only when the person wants to drop the whole request.
reply: when they ask something (what is better, what it costs, why it is needed), an honest answer of at most three sentences with the trade-off; otherwise null. Do not ask for anything: the program does. Promise nothing about results.`;

const shares = { tasks: 0.2, talk: 0.25, files: 0.2, message: 0.3 };

/** The prompt for reading the last message of a conversation, at most `maxTokens` estimated tokens. Pure. */
export function intakePrompt(
  input: IntakeInput,
  before: Pick<IntakeTurn, 'understood' | 'question'>,
  maxTokens: number,
): { system: string; user: string } {
  const last = input.entries.at(-1);
  const message = last?.kind === 'message' ? last : null;
  const understood = briefFields.flatMap((field) => {
    const value = before.understood[field];
    return value === undefined ? [] : [`${field}: ${cleanLine(value, 120)}`];
  });
  return withinTokens(maxTokens, shares, (limits) => {
    const { text, rule } = fencePrompt([
      `Known models: ${input.baseModels.map((m) => cleanLine(m.id, 60)).join(', ')}. Methods: ${input.supports.methods.join(', ')}; objectives: ${input.supports.objectives.join(', ')}. Price of an hour: ${input.usdPerHour === null ? 'not known; a limit in dollars needs it' : `$${input.usdPerHour}`}.`,
      data(
        'known tasks',
        fitLines(
          input.tasks.map(
            (t) => `${cleanLine(t.name, 40)}: ${cleanLine(t.title, 60)}, for example ${rowLine(t.example)}`,
          ),
          limits.tasks,
        ),
        20_000,
      ),
      data(
        'the talk so far, latest first, and what is understood of it',
        fitLines([...understood, ...input.entries.slice(0, -1).toReversed().map(entryLine)], limits.talk),
        20_000,
      ),
      before.question === null
        ? 'No question is open.'
        : `The open question is about the field ${before.question.field}; a short answer is about that.`,
      data(
        'files attached to the last message',
        fitLines((message?.files ?? []).flatMap(fileLines), limits.files),
        20_000,
      ),
      data(
        'the last message',
        fitLines((message?.text ?? '').slice(0, 8000).split('\n'), limits.message),
        8000,
      ),
      'Read the last message.',
    ]);
    return { system: `${instructions}\n\n${rule}`, user: text };
  });
}

function entryLine(entry: IntakeEntry): string {
  switch (entry.kind) {
    case 'message':
      return `said: ${cleanLine(entry.text, 400)}`;
    case 'answer':
      return `answered ${entry.field}: ${cleanLine(entry.value, 120)}`;
    case 'edit':
      return `edited ${cleanLine(JSON.stringify(entry.values), 400)}`;
  }
}

function fileLines(file: Extract<IntakeEntry, { kind: 'message' }>['files'][number]): string[] {
  if (file.report === null) return [`${cleanLine(file.name, 80)}: could not be read`];
  const { name, rows, badRows, columns, labels, warnings, examples } = file.report;
  const used =
    columns === null ? 'columns not chosen yet' : `columns ${columns.prompt}, ${columns.completion}`;
  return [
    `${cleanLine(name, 80)}: ${rows} rows, ${badRows} unreadable, ${cleanLine(used, 90)}${labels === null ? '' : `, ${labels.length} labels`}`,
    ...warnings.slice(0, 3).map((w) => cleanLine(w, 160)),
    ...examples.slice(0, 2).map(rowLine),
  ];
}
