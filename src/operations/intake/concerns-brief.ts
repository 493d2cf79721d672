import type { BriefField } from '../../campaign/brief.ts';
import { readCommands } from '../../campaign/commands/read-commands.ts';
import { plainText, tidy } from '../../campaign/commands/tidy.ts';
import type { IntakeEntry } from '../../campaign/intake-entry.ts';
import { findAmounts } from '../../lib/parse/amounts.ts';
import type { IntakeTurn } from '../../researcher/port.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import { listIntakeEntries } from '../../store/intake-entries.ts';
import type { IncomingMessage } from '../bot.ts';
import type { Context } from '../context.ts';
import { readConversation } from './advance-intake.ts';
import { saidEntries } from './said-entries.ts';

/** Fields that cost money: read without a mention only where the message says nothing else. */
const moneyFields: readonly BriefField[] = ['budget', 'askAbove', 'usdPerHour', 'parallel'];

/**
 * True when a message without a mention, under its author's own brief, is meant for the bot: it answers the open
 * question, attaches a file, or changes the card. Questions, and messages to somebody by name, are for people; so is
 * talk in which an amount happens to occur.
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
  const card = campaign.state === 'intake' ? campaign.openCard?.payload : undefined;
  if (card?.kind === 'question' && !moneyFields.includes(card.question.field)) return true;
  const entries = saidEntries(await listIntakeEntries(ctx.db, campaign.id));
  const entry: IntakeEntry = { kind: 'message', text, files: [], by: user };
  const [before, after] = [
    await readConversation(ctx, campaign, entries),
    await readConversation(ctx, campaign, [...entries, entry]),
  ];
  const isMoney = moneyFields.some((field) => changed(field, before, after));
  if (isMoney)
    return (
      commands.some(({ kind }) => kind === 'budget') ||
      saysOnly(text, { before, after, isAsked: card !== undefined })
    );
  if (card !== undefined) return true;
  return after.cancelled || JSON.stringify(before.understood) !== JSON.stringify(after.understood);
}

const changed = (field: BriefField, before: IntakeTurn, after: IntakeTurn): boolean =>
  before.understood[field] !== after.understood[field];

/** Words around a value that say nothing else. */
const light = new Set(
  `a an the and or of to at is be it that this my our in for on up as with by about around roughly please pls ok okay
  yes no hm well sorry actually rather instead just now then so make set use take let's say change raise increase lower
  reduce want i we me you total all max maximum only more less than above over under budget limit ask first never
  always each every per time hour branch node run`.split(/\s+/),
);
const wordsIn = (text: string): string[] => plainText(text).match(/[\p{L}\p{N}][\p{L}\p{N}'.-]*/gu) ?? [];

interface Turns {
  before: IntakeTurn;
  after: IntakeTurn;
  /** An amount was asked for: a bare answer is kept whole, whatever else is in it. */
  isAsked: boolean;
}

/** True when a message consists of the words that its values were read from, and light ones. */
function saysOnly(text: string, { before, after, isAsked }: Turns): boolean {
  const whole = tidy(plainText(text)).text;
  const fields = Object.keys(after.understood) as BriefField[];
  const read = fields
    .filter((field) => changed(field, before, after))
    .map((field) => after.read.words[field] ?? '')
    .filter((words) => !isAsked || tidy(plainText(words)).text !== whole);
  const amounts = findAmounts(text).map((amount) => amount.text);
  const said = new Set([...read, ...amounts].flatMap(wordsIn));
  return wordsIn(text).every((word) => said.has(word) || light.has(word) || /^[\d.]+$/.test(word));
}
