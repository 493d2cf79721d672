import type { IncomingMessage } from '../bot.ts';
import type { Context } from '../context.ts';
import { intakeInput } from './intake-input.ts';

const training =
  /\b(?:fine-?\s?tun\w*|train(?:s|ing|ed)?|re-?train\w*|teach|learns?|distil\w*|(?:q-?)?lora|sft|dpo|grpo|kto)\b/i;
/** A task of a model, as an imperative at the start. */
const task =
  /^\W*(?:please |i (?:want|need) (?:a model )?(?:to|that) )?(?:turn|convert|classif\w+|extract|predict|translate|summari[sz]e|rewrite|label|route|tag|map|normali[sz]e|detect|correct|build|make|create|improve)\b/i;
const question =
  /^\W*(?:what|which|who|whom|whose|why|when|where|how|is|are|was|do|does|did|has|have|should)\b/i;

/** Whether a message to the bot asks for a model, brings data, or says what belongs in a brief. */
export async function asksForTraining({
  ctx,
  input: { text, files, user },
}: {
  ctx: Context;
  input: IncomingMessage;
}): Promise<boolean> {
  if (files.length > 0) return true;
  if (question.test(text) && /\?\W*$/.test(text)) return false;
  if (training.test(text) || task.test(text)) return true;
  const { understood } = await ctx.researcher.intake(
    intakeInput(ctx, {
      entries: [{ kind: 'message', text, files: [], by: user }],
      now: ctx.clock.now(),
      timeZone: ctx.settings.defaultTimeZone,
      seed: 0,
    }),
  );
  return Object.keys(understood).length > 0;
}

export const noRequestText =
  'I found no request for training in that, and no question that I can answer, so I have opened nothing. To start something, tell me what the model should learn, for example `train a model to turn messy dates into ISO, budget 10 minutes`; `help` says what else I understand.';
