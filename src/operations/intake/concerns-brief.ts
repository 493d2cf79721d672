import { readCommands } from '../../campaign/commands/read-commands.ts';
import { plainText, tidy } from '../../campaign/commands/tidy.ts';
import type { IntakeEntry } from '../../researcher/port.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import { listIntakeEntries } from '../../store/intake-entries.ts';
import type { IncomingMessage } from '../bot.ts';
import type { Context } from '../context.ts';
import { saidEntries } from './said-entries.ts';
import { readConversation } from './take-turn.ts';

/**
 * Whether a person who mentions nobody speaks to the bot under their own brief: they answer its open question, attach
 * something, or say what changes the card. What they ask, or say to somebody by name, is for people.
 */
export async function concernsBrief({
  ctx,
  campaign,
  input,
}: {
  ctx: Context;
  campaign: CampaignRow;
  input: IncomingMessage;
}): Promise<boolean> {
  const { text, files, user } = input;
  if (files.length > 0) return true;
  if (/(?:^|\s)@[\p{L}\p{N}]/u.test(text) || tidy(plainText(text)).isAsked) return false;
  const { commands } = readCommands(text);
  if (commands.some(({ kind }) => kind === 'thanks' || kind === 'hello')) return false;
  if (campaign.state === 'intake' && campaign.openCard !== null) return true;
  const entries = saidEntries(await listIntakeEntries(ctx.db, campaign.id));
  const entry: IntakeEntry = { kind: 'message', text, files: [], by: user };
  const [before, after] = [
    await readConversation(ctx, campaign, entries),
    await readConversation(ctx, campaign, [...entries, entry]),
  ];
  return after.cancelled || JSON.stringify(before.understood) !== JSON.stringify(after.understood);
}
