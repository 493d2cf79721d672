import { clauseAround, isLight } from './clauses.ts';
import { setting } from './draft.ts';
import { take } from './marked-text.ts';
import type { Reader } from './reading.ts';
import { answerWholeNumber, anyNumber, wholeNumber } from './whole-number.ts';

const nodeWord = '(?:nodes?|experiments?|rounds?|iterations?|branches|attempts|runs)';
const limitedNodes = [
  new RegExp(
    `\\b(?:at most|max(?:imum)?(?: of)?|up to|no more than|not more than|limit(?: of| to)?|stop after|only)\\s*(-?${anyNumber})\\s*${nodeWord}\\b`,
  ),
  new RegExp(`(-?${anyNumber})\\s*${nodeWord}\\s*(?:at most|max(?:imum)?|tops|in total|are enough|only)\\b`),
  new RegExp(`\\b${nodeWord}(?: at most| max| is|:|=)\\s*(-?${anyNumber})\\b`),
];
const countedNodes = new RegExp(`(-?${anyNumber})\\s*${nodeWord}\\b`);
/** Nodes with GPUs are machines, and `budget 5 runs` is no limit on nodes. */
const otherNodes =
  /\bgpus?\b|\beach\b|\bmachines?\b|\bcluster\b|\bbudget\b|\b(?:use|using|on|across|over) (?:\d+|\w+) nodes?\b/;
const noNodes =
  /\b(?:no|forget the|drop the|without a) limit on (?:the )?(?:number of )?(?:nodes|experiments|rounds)\b/;

export const readMaxNodes: Reader = (marked, { input }) => {
  const none = take(marked, noNodes);
  if (none) return { change: setting({ maxNodes: null }), rest: none.rest };
  const isOther = (match: RegExpExecArray): boolean => {
    const clause = clauseAround(marked.text, match.index, match.index + match[0].length);
    return otherNodes.test(marked.text.slice(clause.from, clause.to));
  };
  for (const pattern of limitedNodes) {
    const found = take(marked, pattern);
    if (found && !isOther(found.match))
      return { change: wholeNumber('maxNodes', found.match[1] ?? ''), rest: found.rest };
  }
  const counted = take(marked, countedNodes);
  if (!counted || isOther(counted.match)) return null;
  const { match, rest } = counted;
  const names = new Set([
    ...input.tasks.map((task) => task.name.toLowerCase()),
    'nodes',
    'experiments',
    'rounds',
    'iterations',
    'branches',
    'attempts',
    'runs',
    'node',
  ]);
  return isLight(marked, match.index, match.index + match[0].length, names)
    ? { change: wholeNumber('maxNodes', match[1] ?? ''), rest }
    : null;
};

export const answerMaxNodes = answerWholeNumber('maxNodes', readMaxNodes);
