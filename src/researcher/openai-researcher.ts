import type { ThinkingPurpose } from '../campaign/thinking.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Model } from './model/ask.ts';
import { ModelError, type ModelFailure, modelFailures } from './model/model-error.ts';
import type { IntakeInput, IntakeTurn, Researcher, Thinking } from './port.ts';
import { answerPrompt } from './prompts/answer-prompt.ts';
import { diagnosePrompt } from './prompts/diagnose-prompt.ts';
import { intakePrompt } from './prompts/intake-prompt.ts';
import { listenPrompt } from './prompts/listen-prompt.ts';
import { proposePrompt } from './prompts/propose-prompt.ts';
import { hasEnoughBaselines } from './rules/propose/propose.ts';
import { acceptAnswer, QuestionAnswer } from './steps/accept-answer.ts';
import { acceptDiagnosis, DiagnosisAnswer } from './steps/accept-diagnosis.ts';
import { acceptProposal, groundFor, proposalAnswer } from './steps/accept-proposal.ts';
import { acceptReading, ReadingAnswer } from './steps/accept-reading.ts';
import { acceptThreadReading, ThreadAnswer } from './steps/accept-thread-reading.ts';

export interface OpenAiParts {
  /** Proposes nodes. */
  strong: Model;
  /** Reads messages and results; may be the same. */
  small: Model;
  /** Does a step when the model does not. */
  rules: Researcher;
  /** Limit of a prompt, in estimated tokens. */
  promptTokens: number;
  clock: Clock;
  log: Log;
}

/**
 * After these failures the server gets no calls for a while, so that a dead one does not hold up every step of every
 * campaign.
 */
const needsRest = new Set<ModelFailure>([
  'timeout',
  'unreachable',
  'server_error',
  'rate_limited',
  'unauthorised',
  'no_credit',
  'no_model',
  'no_limit',
  'rejected',
]);
const firstRestMs = 60_000;
const longestRestMs = 15 * 60_000;

/**
 * The Researcher with a language model. It holds no token, no shell and no way to act: its answers are data, and every
 * step falls back to the rules.
 */
export function createOpenAiResearcher(parts: OpenAiParts): Researcher {
  const { strong, small, rules, promptTokens, clock, log } = parts;
  let restUntil = 0;
  let failuresInARow = 0;

  /** The model's answer, or the rules' when there is none. */
  const think = async <T>(
    purpose: ThinkingPurpose,
    thinking: Thinking | null,
    byModel: (thinking: Thinking) => Promise<T>,
    byRules: () => Promise<T>,
  ): Promise<T> => {
    if (thinking === null) return byRules();
    try {
      if (clock.now().getTime() < restUntil) throw new ModelError('resting');
      const answer = await byModel(thinking);
      failuresInARow = 0;
      return answer;
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      log.warn({ purpose, code: error.code, detail: error.detail }, 'thinking.fell_back');
      if (needsRest.has(error.code)) {
        const restMs = Math.min(longestRestMs, firstRestMs * 2 ** failuresInARow++);
        restUntil = clock.now().getTime() + Math.max(restMs, error.retryAfterMs ?? 0);
      }
      // A bot that stops has nothing to explain.
      if (error.code !== 'stopping') await thinking.fellBack(purpose, error.code, modelFailures[error.code]);
      return byRules();
    }
  };

  return {
    name: 'openai',
    read: async (input, thinking) => {
      const before = await rules.intake({ ...input, entries: input.entries.slice(0, -1) });
      if (isShortAnswer(input, before, await rules.intake(input))) return null;
      return think(
        'intake',
        thinking,
        (account) =>
          small.ask(
            {
              purpose: 'intake',
              name: 'message_reading',
              ...intakePrompt(input, before, promptTokens),
              schema: ReadingAnswer,
              accept: (answer) => acceptReading(answer, input),
            },
            account,
          ),
        () => rules.read(input, null),
      );
    },
    intake: (input) => rules.intake(input),
    propose: async (context, thinking) => {
      const ground = groundFor(context);
      if (ground === null || hasEnoughBaselines(context)) return null;
      return think(
        'propose',
        thinking,
        (account) =>
          strong.ask(
            {
              purpose: 'propose',
              name: 'next_round',
              ...proposePrompt(context, ground, promptTokens),
              schema: proposalAnswer(context),
              accept: (answer) => acceptProposal(answer, context, ground),
            },
            account,
          ),
        () => rules.propose(context, null),
      );
    },
    diagnose: async (context, thinking) =>
      think(
        'diagnose',
        thinking,
        (account) => {
          const { system, user, shown } = diagnosePrompt(context, promptTokens);
          return small.ask(
            {
              purpose: 'diagnose',
              name: 'diagnosis',
              system,
              user,
              schema: DiagnosisAnswer,
              accept: (answer) => acceptDiagnosis(answer, context, shown),
            },
            account,
          );
        },
        () => rules.diagnose(context, null),
      ),
    listen: async (input, thinking) =>
      think(
        'listen',
        thinking,
        (account) =>
          small.ask(
            {
              purpose: 'listen',
              name: 'thread_reading',
              ...listenPrompt(input, promptTokens),
              schema: ThreadAnswer,
              accept: (answer) => acceptThreadReading(answer, input),
            },
            account,
          ),
        () => rules.listen(input, null),
      ),
    answer: async (context, thinking) =>
      think(
        'answer',
        thinking,
        (account) => {
          const { system, user, records } = answerPrompt(context, promptTokens);
          return strong.ask(
            {
              purpose: 'answer',
              name: 'question_answer',
              system,
              user,
              schema: QuestionAnswer,
              accept: (answer) => acceptAnswer(answer, records),
            },
            account,
          );
        },
        () => rules.answer(context, null),
      ),
  };
}

/** `10 min` under the question about the budget: the rules read that for nothing and at once. */
function isShortAnswer({ entries }: IntakeInput, before: IntakeTurn, after: IntakeTurn): boolean {
  const last = entries.at(-1);
  const field = before.question?.field;
  if (last?.kind !== 'message' || last.files.length > 0 || field === undefined) return false;
  const isShort = last.text.trim().split(/\s+/).length <= 4 && !last.text.includes('?');
  return isShort && before.understood[field] === undefined && after.understood[field] !== undefined;
}
