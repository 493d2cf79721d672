import { ownsBrief } from '../../campaign/approval-policy.ts';
import { readCommands } from '../../campaign/commands/read-commands.ts';
import type { IntakeEntry, LateFiles } from '../../campaign/intake-entry.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import { appendIntakeEntry, listIntakeEntries } from '../../store/intake-entries.ts';
import type { IncomingMessage } from '../bot.ts';
import type { Context } from '../context.ts';
import { notYoursText } from '../people.ts';
import { sayPrivately } from '../say.ts';
import { openRequest } from '../start/approve-start.ts';
import { decideStart } from '../start/decide-start.ts';
import { startCampaign } from '../start/start-campaign.ts';
import { advanceIntake, readConversation } from './advance-intake.ts';
import { concernsBrief } from './concerns-brief.ts';
import { changeOfRepeat, copyRequest, findLastRequest } from './copy-request.ts';
import { readFiles } from './read-files.ts';
import { saidEntries } from './said-entries.ts';

const goWords =
  /^(start|go|go ahead|yes|yep|ok|okay|do it|run it|ship it|let'?s go|looks good|lgtm|start it)[.!]?$/i;

/**
 * Messages that are no part of the conversation: decisions about the card, and messages of people whose brief it is
 * not. Both are answered privately.
 * @returns null when the thread says it, undefined when the message belongs to the conversation
 */
async function answerAlone(
  ctx: Context,
  campaign: CampaignRow,
  { text, files, user, ts }: IncomingMessage,
): Promise<string | null | undefined> {
  const input = { campaignId: campaign.id, user };
  const request = openRequest(campaign);
  const word =
    campaign.state === 'ready' && files.length === 0
      ? (readCommands(text).commands[0]?.kind ?? 'unknown')
      : null;
  if (word !== null && (goWords.test(text.trim()) || (request !== null && word === 'approve')))
    return (await startCampaign({ ctx, input: { ...input, saidAt: ts } })).private;
  if (request !== null && word === 'reject')
    return (await decideStart({ ctx, input: { ...input, request: request.questionId, decision: 'reject' } }))
      .private;
  if (!ownsBrief(ctx.settings, campaign.createdBy, user))
    return notYoursText(ctx, campaign.createdBy, 'change this brief');
  return undefined;
}

/**
 * Adds a message to the conversation before Start. The same message counts once; files that only its second event
 * brings are added to it.
 * @returns false when it was addressed to somebody else
 */
export async function addIntakeMessage({
  ctx,
  campaign,
  input,
  isAddressed,
}: {
  ctx: Context;
  campaign: CampaignRow;
  input: IncomingMessage;
  isAddressed: boolean;
}): Promise<boolean> {
  if (!isAddressed && !(await concernsBrief({ ctx, campaign, input }))) return false;
  const answer = isAddressed ? await answerAlone(ctx, campaign, input) : undefined;
  if (answer !== undefined) {
    if (answer === null) return true;
    const { user, ts } = input;
    await sayPrivately(ctx.db, campaign, { key: ts, user, text: answer, at: ctx.clock.now() });
    return true;
  }
  const change = input.ts === campaign.threadTs ? await repeatEarlier(ctx, campaign, input) : null;
  const text = change ?? input.text;
  const entry: IntakeEntry = {
    kind: 'message',
    text,
    files: await readFiles({ ctx, files: input.files, text }),
  };
  const source = `message:${input.ts}`;
  const values = { campaignId: campaign.id, userId: input.user, at: ctx.clock.now() };
  const isNew = await appendIntakeEntry(ctx.db, { ...values, source, entry });
  if (!isNew && entry.files.length > 0) {
    const stored = await listIntakeEntries(ctx.db, campaign.id);
    const heard = stored.find((row) => row.source === source)?.entry;
    const late: LateFiles = { kind: 'files', of: source, files: entry.files };
    if (heard?.kind === 'message' && heard.files.length === 0)
      await appendIntakeEntry(ctx.db, { ...values, source: `files:${input.ts}`, entry: late });
  }
  // Also when it was there already: the turn may have been interrupted.
  await advanceIntake({ ctx, campaignId: campaign.id });
  return true;
}

/**
 * `same as last time, but LoRA`: the conversation begins with that of the earlier request.
 * @returns the difference; null where nothing is repeated
 */
async function repeatEarlier(
  ctx: Context,
  campaign: CampaignRow,
  input: IncomingMessage,
): Promise<string | null> {
  const change = changeOfRepeat(input.text);
  const from = change === null ? undefined : await findLastRequest(ctx, input);
  if (change === null || from === undefined) return null;
  await copyRequest({ ctx, from, to: campaign });
  const stored = await listIntakeEntries(ctx.db, campaign.id);
  const earlier = saidEntries(stored.filter(({ source }) => source !== `message:${input.ts}`));
  const readAs = async (...texts: string[]): Promise<string> => {
    const entries = texts.map((text): IntakeEntry => ({ kind: 'message', text, files: [], by: input.user }));
    return JSON.stringify((await readConversation(ctx, campaign, [...earlier, ...entries])).understood);
  };
  // `but LoRA` leaves out the word that a request would have.
  const isUnread = change !== '' && (await readAs(change)) === (await readAs());
  return isUnread ? `with ${change}` : change;
}
