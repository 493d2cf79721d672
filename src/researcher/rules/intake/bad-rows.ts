import { problem, setting } from './draft.ts';
import { take } from './marked-text.ts';
import type { FieldReader, Reader } from './reading.ts';

const leaveOut =
  /\b(?:leave (?:them|those|these|it)?\s?(?:out|away|off)|leave_out|drop (?:them|those|these|the)|skip|ignore|without (?:them|those|these)|remove (?:them|those)|discard|exclude|throw (?:them )?(?:out|away)|go on|go ahead|continue|proceed)\b/;
const showThem =
  /\b(?:show|list|which(?: ones| rows| lines)?|see them|let me see|look at|what are they|print)\b/;

export const answerBadRows: FieldReader = (text) => {
  const lower = text.toLowerCase().trim();
  if (leaveOut.test(lower) || /^\W*(?:yes|y|yep|yeah|ok|okay|sure|fine|please do|do (?:it|so))\b/.test(lower))
    return setting({ badRows: 'leave_out', showBadRows: false });
  if (showThem.test(lower)) return setting({ showBadRows: true });
  if (/\b(?:stop|cancel|abort)\b/.test(lower)) return setting({ cancelled: true });
  if (/^\W*(?:no|n|nope|don'?t)\b/.test(lower))
    return problem(
      'Rows that I cannot read cannot be trained on. Attach a corrected file, or let me leave them out.',
    );
  return null;
};

/** Stated without a question: `leave out bad rows`. */
export const readBadRows: Reader = (marked) => {
  const found = take(
    marked,
    /\b(?:leave out|drop|skip|ignore|discard|exclude)\b[^.;!?\n⟦]{0,25}?\b(?:bad|broken|unreadable|invalid|malformed|faulty|unusable)(?: (?:rows?|lines?|ones|examples))?/,
  );
  return found ? { change: setting({ badRows: 'leave_out', showBadRows: false }), rest: found.rest } : null;
};
