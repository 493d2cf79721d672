import { findAmount, parseDuration, parseMoney } from '../../lib/parse/amounts.ts';
import { findPrice } from '../../lib/parse/price.ts';
import { correctWords, parseNumber } from '../../lib/parse/words.ts';
import type { CostLimit } from '../brief.ts';
import type { ShipKind } from '../shipment.ts';
import type { Wish } from '../steering.ts';
import { orderAmount } from './order-amount.ts';
import { readForecast } from './read-forecast.ts';
import { readSteering } from './read-steering.ts';

/** What a person asks of a running campaign. Node numbers are as shown (`#8`); null where none was said. */
export type ThreadCommand =
  | { kind: 'status' }
  | { kind: 'pause' }
  | { kind: 'resume' }
  | { kind: 'stop' }
  | { kind: 'help' }
  | { kind: 'summary' }
  /** Why this node; `against` is the one to compare with, null for its parent. `node` null: the best. */
  | { kind: 'why'; node: number | null; against: number | null }
  /** `node` null: the best. */
  | { kind: 'show'; node: number | null }
  /** `set`: the new total; `add`: this much more. Exactly one side of `limit` is not null. */
  | { kind: 'budget'; change: 'set' | 'add'; limit: CostLimit }
  /** What an hour costs, of one GPU or of a slot. */
  | { kind: 'price'; usd: number; perGpu: boolean }
  /** What so much more would buy, by what this tree has gained so far. Both sides null: no amount was said. */
  | { kind: 'forecast'; more: CostLimit }
  | { kind: 'steer'; wish: Wish }
  /** Which wishes stand. */
  | { kind: 'steering' }
  /** What others have published about the task. */
  | { kind: 'findings' }
  | { kind: 'approve'; node: number | null; cheaper: boolean }
  | { kind: 'reject'; node: number | null }
  /** `node` null: the winner. `target` null: the only one there is. */
  | { kind: 'ship'; node: number | null; target: ShipKind | null }
  | { kind: 'unknown' };

const vocabulary =
  `status pause resume continue stop cancel show summary summarize help budget raise increase lower approve reject
  focus concentrate minutes minute hours hour seconds dollars lora full only drop synthetic baseline training
  fine-tuning progress`.split(/\s+/);
/** Words one slip away from the vocabulary that mean something else. */
const keep = new Set(
  `shows shown pauses paused stops stopped step shop slow house filled fully fall fill story storm raised rise
  resumed continues continued cancelled cancels approved approves rejected rejects hello held helps focused
  your four stay state states`.split(/\s+/),
);

const number = String.raw`#?\s?(\d{1,5})\b`;
const node = `(?:(?:node|branch|number|round|experiment|no\\.?)\\s*)?${number}`;
const polite =
  /^(?:(?:please|pls|ok|okay|hey|hi|trex|so|and|now|well|could you|can you|would you|will you|i want (?:you )?to|let'?s)[\s,:]+)+/;

interface Marked {
  text: string;
}

function tidy(raw: string): Marked {
  const plain = raw
    .slice(0, 2000)
    .toLowerCase()
    .replace(/<@[^>]*>/g, ' ')
    .replace(/[\u2018\u2019]/g, "'")
    .replace(/\s+/g, ' ')
    .trim();
  const corrected = correctWords(plain, vocabulary, keep, 4);
  return {
    text: corrected
      .replace(polite, '')
      .replace(/[\s!.]+$/, '')
      .trim(),
  };
}

const is = (text: string, pattern: string): boolean =>
  new RegExp(
    `^(?:${pattern})(?:,? (?:please|now|then|it|this|that|the (?:campaign|search|run|tree)|everything|all|for now|thanks))*\\??$`,
  ).test(text);

const numberAt = (text: string | undefined): number | null => (text === undefined ? null : Number(text));

function readBudget(text: string): ThreadCommand | null {
  const about =
    /\b(?:budget|more (?:time|compute|budget|money)|longer|extra|extend|raise|increase|lower|spend)\b/.test(
      text,
    );
  const amountFirst = /^add\b|\b(?:more|another|extra|additional|on top)\b/.test(text);
  if (!about && !amountFirst) return null;
  const ordered = orderAmount(text);
  const usd = parseMoney(ordered);
  const bare = /\bbudget (?:to|is|of|=|:)? ?(\d+(?:\.\d+)?)$/.exec(text)?.[1];
  const seconds = parseDuration(ordered) ?? (bare === undefined ? null : Number(bare) * 60);
  const value = usd ?? seconds;
  if (value === null || !(value > 0) || value > 1e9) return null;
  const isAdd =
    /\b(?:more|another|extra|additional|on top|longer|add)\b/.test(text) ||
    /\b(?:raise|increase|extend)\b[^0-9$]*\bby\b/.test(text);
  const limit = usd !== null ? { computeSeconds: null, usd } : { computeSeconds: seconds, usd: null };
  return { kind: 'budget', change: isAdd && !/\b(?:budget|it) to\b/.test(text) ? 'add' : 'set', limit };
}

const priceLead = /^(?:the |our )?price(?: of an hour)?(?: on (?:one|a) slot)?(?: here)?(?: is|:|=)? ?/;

/** `price $2.50`, `$2.50 an hour`, `an hour costs $2.50`: the whole sentence, for people also talk of prices. */
function readPrice(text: string): ThreadCommand | null {
  const said = text.replace(priceLead, '');
  const found = findPrice(said);
  if (found !== null)
    return found.length === said.length ? { kind: 'price', usd: found.usd, perGpu: found.perGpu } : null;
  if (said === text) return null;
  const usd = findAmount(said)?.text === said ? parseMoney(said) : parseNumber(said);
  return usd === null ? null : { kind: 'price', usd, perGpu: false };
}

function readWhy(text: string): ThreadCommand | null {
  if (!/^(?:why|how come|how did|explain|what made|reason for|compare)\b/.test(text)) return null;
  const numbers = [...text.matchAll(/#?\b(\d{1,5})\b/g)].map((m) => Number(m[1]));
  const best = /\b(?:best|winner|top|leader|it)\b/.test(text);
  if (numbers.length === 0 && !best && !/^(?:why|explain)$/.test(text)) return null;
  return { kind: 'why', node: numbers[0] ?? null, against: numbers[1] ?? null };
}

function readDecision(text: string): ThreadCommand | null {
  const yes = new RegExp(
    `^(?:approve|approved|accept|allow|go ahead with|yes to|run|start)(?: the)?( (?:cheaper|smaller)(?: one| version)?(?: (?:of|for))?)?(?: ${node})?(?: (?:in |as )?(?:the )?(cheaper|smaller)(?: one| version)?)?$`,
  ).exec(text);
  const no = new RegExp(
    `^(?:reject|rejected|decline|deny|refuse|no to|withdraw|skip|kill|drop)(?: the)?(?: ${node})?$`,
  ).exec(text);
  const verb = text.split(' ')[0] ?? '';
  const plainVerb = ['approve', 'approved', 'accept', 'reject', 'rejected', 'decline', 'deny', 'refuse'];
  if (yes && (yes[2] !== undefined || plainVerb.includes(verb)))
    return { kind: 'approve', node: numberAt(yes[2]), cheaper: yes[1] !== undefined || yes[3] !== undefined };
  if (no && (no[1] !== undefined || plainVerb.includes(verb)))
    return { kind: 'reject', node: numberAt(no[1]) };
  return null;
}

/** `ship it`, `export`, `ship #8 to the hub`; other words only with where to. */
function readShip(text: string): ThreadCommand | null {
  const found = new RegExp(
    `^(ship|export|push|upload|publish|release)(?: (?:it|this|them|the (?:model|winner|weights|best(?: one)?)))?(?: ${node})?(?: (?:to|on|into|in) (?:the |a |our )?(hub|hugging ?face(?: hub)?|hf|folder|disk|directory|path))?$`,
  ).exec(text);
  if (found === null) return null;
  const [, verb, round, where] = found;
  if (where === undefined && verb !== 'ship' && verb !== 'export') return null;
  const target = where === undefined ? null : /^h/.test(where) ? 'hub' : 'folder';
  return { kind: 'ship', node: numberAt(round), target };
}

/** Reads a message of the thread of a running campaign. Tolerates one-letter slips; what it cannot read is `unknown`. */
export function parseThreadCommand(raw: string): ThreadCommand {
  const { text } = tidy(raw);
  if (is(text, 'help(?: me)?|what can (?:i|you) (?:say|do)|commands|\\?|how does this work'))
    return { kind: 'help' };
  if (is(text, 'pause|hold(?: on)?|wait|freeze|take a break')) return { kind: 'pause' };
  if (is(text, 'resume|continue|unpause|go on|carry on|keep going|proceed|un-pause'))
    return { kind: 'resume' };
  if (is(text, 'stop|cancel|abort|end|quit|terminate|finish|call it off|that is enough|enough'))
    return { kind: 'stop' };
  if (
    is(
      text,
      "status|progress|state|how(?:'?s| is| are| does) (?:it|things|that|we|this)(?: going| doing| look(?:ing)?)?|how far(?: are (?:you|we))?|where are (?:we|you)|what(?:'s| is) (?:up|the status|going on|happening|running)|any (?:news|progress|results)(?: yet)?|(?:are we|is it) (?:there|done)(?: yet)?|update|eta",
    )
  )
    return { kind: 'status' };
  if (
    is(
      text,
      '(?:give (?:me|us) |post |show (?:me |us )?|write )?(?:a |the )?(?:daily |short )?summary|summari[sz]e|recap|sum (?:it )?up|tl;?dr',
    )
  )
    return { kind: 'summary' };
  if (
    is(
      text,
      '(?:show (?:me |us )?)?(?:the |my |our )?(?:steering|wishes|bans|pins)|what (?:is|are) (?:banned|pinned)|what did (?:we|i) (?:ban|pin|ask for)',
    )
  )
    return { kind: 'steering' };
  if (
    is(
      text,
      '(?:show (?:me |us )?)?(?:the )?(?:findings|literature|papers|research|related work)|what (?:did you find|have you found|do others do|have others done)|any papers',
    )
  )
    return { kind: 'findings' };
  const ship = readShip(text);
  if (ship) return ship;
  const price = readPrice(text);
  if (price) return price;
  const more = readForecast(text);
  if (more) return { kind: 'forecast', more };
  const decision = readDecision(text);
  if (decision) return decision;
  const why = readWhy(text);
  if (why) return why;
  const show = new RegExp(
    `^(?:show|display|open|details?|what (?:is|was|about|did)|tell me about|look at|inspect|see)(?: me| us)?(?: (?:the|of|on|for|to))? ?(?:${node}|(best(?: one| node| so far)?|winner|leader))(?: do)?\\??$`,
  ).exec(text);
  if (show) return { kind: 'show', node: numberAt(show[1]) };
  const onlyNode = /^(?:node |#)\s?(\d{1,5})\??$/.exec(text);
  if (onlyNode) return { kind: 'show', node: numberAt(onlyNode[1]) };
  const budget = readBudget(text);
  if (budget) return budget;
  const wish = readSteering(text);
  return wish ? { kind: 'steer', wish } : { kind: 'unknown' };
}
