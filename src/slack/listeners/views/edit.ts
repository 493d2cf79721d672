import type { WebClient } from '@slack/web-api';
import type { Reply } from '../../../operations/bot.ts';
import { clip, limits } from '../../limits.ts';
import { readEditModal } from '../../views/edit-modal.ts';
import { answer, type ListenerContext, sentenceOf, tell } from '../answer.ts';

/** Slack shows an error of its own when a form is not answered within 3 s. */
const answerWithinMs = 2_300;

type EditResult = Awaited<ReturnType<ListenerContext['bot']['edit']>>;

/** Errors stay in the form; when saving takes too long for that, the form closes and the person gets a message. */
export async function onEditSubmitted(
  context: ListenerContext,
  input: {
    ack: (response?: { response_action: 'errors'; errors: Record<string, string> }) => Promise<void>;
    view: Parameters<typeof readEditModal>[0];
    user: string;
    client: WebClient;
  },
): Promise<void> {
  const { bot, log } = context;
  const { ack, view, user, client } = input;
  const { origin, values } = readEditModal(view);
  const audience = { client, user, channel: origin.channel, threadTs: origin.threadTs };
  // A failure becomes a value, because both ways below have to report it.
  const work: Promise<{ result: EditResult } | { error: unknown }> = bot
    .edit({ campaignId: origin.campaignId, user, values })
    .then(
      (result) => ({ result }),
      (error: unknown) => ({ error }),
    );
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), answerWithinMs);
  });
  const first = await Promise.race([work, late]);
  clearTimeout(timer);
  if (first === 'late') {
    await ack();
    await answer(audience, log, async () => {
      const done = await work;
      if ('error' in done) throw done.error;
      return 'errors' in done.result ? { private: errorSentence(done.result.errors) } : done.result;
    });
    return;
  }
  if ('error' in first) {
    // Kept open, so that no input is lost.
    const field = Object.keys(values)[0];
    const sentence = sentenceOf(first.error, log);
    if (field) await ack({ response_action: 'errors', errors: { [field]: sentence } });
    else {
      await ack();
      await tell(audience, sentence, log);
    }
    return;
  }
  if ('errors' in first.result && Object.keys(first.result.errors).length > 0) {
    await ack({ response_action: 'errors', errors: errorsInForm(first.result.errors, Object.keys(values)) });
    return;
  }
  await ack();
  await answer(audience, log, async () => ('errors' in first.result ? null : (first.result as Reply)));
}

/**
 * Slack refuses errors for fields that the form does not have: those are attached to the first field, with their name.
 */
function errorsInForm(errors: Record<string, string>, fields: string[]): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [field, sentence] of Object.entries(errors)) {
    const known = fields.includes(field);
    const at = known ? field : (fields[0] ?? field);
    const text = known ? sentence : `${field}: ${sentence}`;
    shown[at] = clip(shown[at] ? `${shown[at]} ${text}` : text, limits.viewErrorText);
  }
  return shown;
}

function errorSentence(errors: Record<string, string>): string {
  const said = Object.entries(errors).map(([field, sentence]) => `${field}: ${sentence}`);
  return `I changed nothing. ${said.join(' ')}`;
}
