import type { Command } from './command.ts';
import { readForecast } from './read-forecast.ts';
import { type Reader, readPhrases } from './reader.ts';
import { numberIn } from './slots.ts';

const show = (caught: Record<string, string[]>): Command => ({
  kind: 'show',
  node: numberIn(caught.node?.[0]),
});
const why = ({ node }: Record<string, string[]>): Command => ({
  kind: 'why',
  node: numberIn(node?.[0]),
  against: numberIn(node?.[1]),
});
const give = '[(give|show|post|write) [me|us]]';

/** Words that are answered in a campaign's thread even where nobody is addressed: nobody says them to other people. */
export const readSetWords: Reader = readPhrases([
  ['status', () => ({ kind: 'status' })],
  ['help', () => ({ kind: 'help' })],
  ['page', () => ({ kind: 'page' })],
  ['summary', () => ({ kind: 'summary' })],
  ['steering', () => ({ kind: 'steering' })],
  ['findings', () => ({ kind: 'findings' })],
  ['show <node>', show],
  ['why <node>|why did <node> beat <node>', why],
]);

/** Read-only commands: the status, the report on a node, the findings. */
export const readLooks: Reader = readPhrases([
  ['compare <node> (and|with|to|against) <node>', why],
  [
    '[(open|show|give|send) [me|us]] [the|a|a new|new|fresh] [web|campaign] (page|pages|link) [please|again]|where is the page',
    () => ({ kind: 'page' }),
  ],
  ['help [me]|what can (i|you) (say|do)|commands|?|how does this work', () => ({ kind: 'help' })],
  [
    "[the] status|progress|state|update|eta|how (is|are|does) (it|things|that|we|this) (going|doing|look|looking)|how (is|are) (it|things)|how's (it|that|this) [going|doing|looking]|how far [are (you|we)]|where are (we|you)|(what is|what's) (up|the status|going on|happening|running [here|now])|what runs [here|now]|how much [budget|money|time|compute] (is|do (we|you) have) left|(what|how much) (will|would|does|is going to) (it|this|that) cost [in all|in total]|how (long|much longer) [does it take|will it take|is left|until it is done]|when (is|will) it [be] (done|ready|finished)|when (does|will) it (end|finish)|any (news|progress|results) [yet]|(are we|is it) (there|done) [yet]|(what|which) campaigns (are running|run) [here|now]",
    () => ({ kind: 'status' }),
  ],
  [
    `${give} [a|the] [daily|short] summary|summarize [it]|summarise [it]|recap|sum [it] up|tldr|tl;dr`,
    () => ({ kind: 'summary' }),
  ],
  [
    'why (did|do|are|have) you (drop|dropped|dropping|ban|banned|leave out|left out|skip|skipping|avoid|avoiding|not (use|using|try|trying)|no longer (use|using|try|trying)) [the|all|any] <kinds> [any more|anymore]|[show [me|us]] [the|my|our] (steering|wishes|bans|pins)|what (is|are) (banned|pinned)|what did (we|i) (ban|pin|ask for)',
    () => ({ kind: 'steering' }),
  ],
  [
    '[show [me|us]] [the] (findings|literature|papers|research|related work)|what (did you find|have you found|do others do|have others done)|any papers',
    () => ({ kind: 'findings' }),
  ],
  [
    '(show|display|open|detail|details|what is|what was|what about|what did|tell me about|look at|inspect|see) [me|us] [the|of|on|for|to] (<node>|<best>) [do]|(node <node>|<node>)',
    show,
  ],
]);

/** Begins like a question about nodes; the numbers identify them. */
export const readWhy: Reader = ({ text }) => {
  if (!/^(?:why|how come|how did|explain|what made|reason for|compare)\b/.test(text)) return null;
  const numbers = [...text.matchAll(/#?\b(\d{1,5})\b/g)].map((match) => Number(match[1]));
  const best =
    /\b(?:best|winner|top|leader)\b/.test(text) ||
    /\b(?:it|that|this)\b.*\b(?:better|win|wins|won|good|lead|leads|ahead)\b/.test(text);
  if (numbers.length === 0 && !best && !/^(?:why|explain)$/.test(text)) return null;
  return { kind: 'why', node: numbers[0] ?? null, against: numbers[1] ?? null };
};

/** `what would 10 more GPU-hours buy?` */
export const readGain: Reader = ({ text }) => {
  const more = readForecast(text);
  return more === null ? null : { kind: 'forecast', more };
};
