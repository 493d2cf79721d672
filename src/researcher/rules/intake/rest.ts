import { findDeadline } from '../../../lib/parse/deadline.ts';
import type { Change } from './draft.ts';
import { amountAt, type MarkedText, markText, take } from './marked-text.ts';
import type { FieldReader, Reader, Reading } from './reading.ts';

const set = (patch: Change['patch']): Change => ({ patch, problems: [] });

const noDeadline = /\b(?:no|forget the|forget about the|drop the|remove the|without a?) ?deadline\b/;
const relative =
  /\b(?:(?:ready|done|finish(?:ed)?|finished up|complete|results?|stop|over) (?:with)?in|due in|deadline(?: is)?(?: in)?:?|in|at most in) ⟦(\d+)⟧/;
const past = (text: string): Change => ({
  patch: {},
  problems: [
    `"${text.trim()}" is not a moment in the future that I can make out; please give the deadline again.`,
  ],
});

export const readDeadline: Reader = (marked, { input, pending }) => {
  const none = take(marked, noDeadline);
  if (none) return { change: set({ deadline: null }), rest: none.rest };
  const inTime = take(marked, relative);
  const amount = amountAt(marked, inTime?.match[1]);
  if (inTime && amount?.kind === 'time' && !/gpu|compute|slot/i.test(amount.text)) {
    const ms = input.now.getTime() + amount.seconds * 1000;
    if (!(amount.seconds > 0) || Math.abs(ms) > 8.64e15)
      return { change: past(amount.text), rest: inTime.rest };
    return { change: set({ deadline: new Date(ms).toISOString() }), rest: inTime.rest };
  }
  const found = findDeadline(marked.text, input.now, input.timeZone, { alone: pending === 'deadline' });
  if (!found) return null;
  const text = `${marked.text.slice(0, found.at)} ${marked.text.slice(found.at + found.length)}`;
  const rest: MarkedText = { ...marked, text };
  return { change: found.when ? set({ deadline: found.when.toISOString() }) : past(found.text), rest };
};

export const answerDeadline: FieldReader = (text, reading: Reading) => {
  if (/^\s*(?:none|no|never|off|-|)\s*[.!]?$/i.test(text)) return set({ deadline: null });
  if (!Number.isNaN(Date.parse(text)) && /^\d{4}-\d\d-\d\dT/.test(text)) {
    const when = new Date(text);
    return when > reading.input.now ? set({ deadline: when.toISOString() }) : past(text);
  }
  return readDeadline(markText(text), { ...reading, pending: 'deadline' })?.change ?? null;
};

const leaveOut =
  /\b(?:leave (?:them|those|these|it)?\s?(?:out|away|off)|leave_out|drop (?:them|those|these|the)|skip|ignore|without (?:them|those|these)|remove (?:them|those)|discard|exclude|throw (?:them )?(?:out|away)|go on|go ahead|continue|proceed)\b/;
const showThem =
  /\b(?:show|list|which(?: ones| rows| lines)?|see them|let me see|look at|what are they|print)\b/;

export const answerBadRows: FieldReader = (text) => {
  const lower = text.toLowerCase().trim();
  if (leaveOut.test(lower) || /^\W*(?:yes|y|yep|yeah|ok|okay|sure|fine|please do|do (?:it|so))\b/.test(lower))
    return set({ badRows: 'leave_out', showBadRows: false });
  if (showThem.test(lower)) return set({ showBadRows: true });
  if (/\b(?:stop|cancel|abort)\b/.test(lower)) return set({ cancelled: true });
  if (/^\W*(?:no|n|nope|don'?t)\b/.test(lower))
    return {
      patch: {},
      problems: [
        'Rows that I cannot read cannot be trained on. Attach a corrected file, or let me leave them out.',
      ],
    };
  return null;
};

/** Said without being asked: `leave out bad rows`. */
export const readBadRows: Reader = (marked) => {
  const found = take(
    marked,
    /\b(?:leave out|drop|skip|ignore|discard|exclude)\b[^.;!?\n⟦]{0,25}?\b(?:bad|broken|unreadable|invalid|malformed|faulty|unusable)(?: (?:rows?|lines?|ones|examples))?/,
  );
  return found ? { change: set({ badRows: 'leave_out', showBadRows: false }), rest: found.rest } : null;
};

const titleText =
  /\b(?:call (?:it|this|the campaign)|title(?: it| is|:|=)?|name(?: it| is|:|=))\s*["']([^"'\n]{1,80})["']/;

/** `call it "Dates"`; the words are looked up in `original`, which has its capitals. */
export function readTitle(marked: MarkedText, original: string): { change: Change; rest: MarkedText } | null {
  const found = take(marked, titleText);
  if (!found) return null;
  const lower = found.match[1] ?? '';
  const at = original.toLowerCase().indexOf(lower);
  const title = (at >= 0 ? original.slice(at, at + lower.length) : lower).trim();
  return title ? { change: set({ title: title.slice(0, 80) }), rest: found.rest } : null;
}

export const answerTitle: FieldReader = (text) => {
  const title = text
    .replace(/\s+/g, ' ')
    .trim()
    .replace(/^["']|["']$/g, '')
    .slice(0, 80)
    .trim();
  return title ? set({ title }) : null;
};
