import { clipUnits, countText, numberText } from '../../lib/text.ts';
import { quoted, quotedList } from '../text.ts';
import type { DatasetReport, FoundColumn } from '../types.ts';
import type { ReadPart } from './read-part.ts';

const isAre = (count: number): string => (count === 1 ? 'is' : 'are');

/** Below this average length a column holds words or numbers, not texts. */
const longText = 40;

/** Facts about an attachment and its files that lead to warnings, beside those of its rows. */
export interface FileNotes {
  report: Pick<DatasetReport, 'rows' | 'evaluationRows' | 'conversations' | 'heldBack'>;
  parts: readonly ReadPart[];
  unused: readonly FoundColumn[];
  /** Names of files in a zip that were not read. */
  leftOut: readonly string[];
}

/** Sentences on how the file was read, and on everything in it that was not used. */
export const warnFile = (notes: FileNotes): string[] => [
  ...warnHeaderless(notes),
  ...warnHeldBack(notes),
  ...warnSplits(notes),
  ...warnConverted(notes),
  ...warnUnused(notes),
  ...warnConversations(notes),
  ...warnOtherFiles(notes),
];

const warnHeaderless = ({ parts }: FileNotes): string[] =>
  parts
    .filter(({ isHeaderless }) => isHeaderless)
    .map(({ rows }) => {
      const [prompt, completion] = [rows[0]?.prompt ?? '', rows[0]?.completion ?? ''];
      return `The file has no header that I know, so I took the first column as prompt and the second as completion, from line 1 on (\`${clipUnits(prompt, 40)}\` → \`${clipUnits(completion, 40)}\`).`;
    });

const warnHeldBack = ({ report }: FileNotes): string[] =>
  Object.entries(report.heldBack ?? {}).map(
    ([name, count]) =>
      `I leave out ${countText(count, 'row')} that ${isAre(count)} marked as not to be trained on (${quoted(name)}).`,
  );

function warnSplits({ report, parts }: FileNotes): string[] {
  const { rows, evaluationRows = 0 } = report;
  const lists = parts.flatMap((part) => part.lists);
  if (evaluationRows > 0)
    return [
      `The file comes with splits: ${countText(rows - evaluationRows, 'row')} to train and ${numberText(evaluationRows)} to evaluate on, and I use them as such.`,
    ];
  return lists.length > 1 ? [`I read the lists ${quotedList(lists, lists.length)} as one.`] : [];
}

function warnConverted({ parts }: FileNotes): string[] {
  const count = parts.reduce((sum, part) => sum + part.converted, 0);
  if (count === 0) return [];
  return [
    `${countText(count, 'row')} ${count === 1 ? 'has' : 'have'} a number, true/false or JSON where text belongs; I read it as it is written.`,
  ];
}

/** Every column, the longest texts first; where they are many, only those that hold text come by name. */
function warnUnused({ unused, parts }: FileNotes): string[] {
  const named = unused
    .slice(0, 12)
    .map(({ name, characters }) =>
      characters > longText
        ? `${quoted(name)} (about ${countText(characters, 'character')} a row)`
        : quoted(name),
    );
  const more = unused.length > 12 ? ` and ${numberText(unused.length - 12)} more` : '';
  const isOne = unused.length === 1;
  const keys = [...new Set(parts.flatMap(({ unusedKeys }) => [...unusedKeys]))];
  return [
    ...(unused.length === 0
      ? []
      : [
          `I leave out the column${isOne ? '' : 's'} ${named.join(', ')}${more}; name ${isOne ? 'it as part of the prompt if it matters' : 'those that belong to the prompt'}.`,
        ]),
    ...(keys.length === 0 ? [] : [`Of turns and tools I leave out ${quotedList(keys.slice(0, 12), 12)}.`]),
  ];
}

function warnConversations({ report }: FileNotes): string[] {
  const { conversations = 0 } = report;
  if (conversations === 0) return [];
  return [
    `${countText(conversations, 'row')} ${conversations === 1 ? 'is a conversation' : 'are conversations'} of several turns or with tools: the last answer is learned, what stands before it is read.`,
  ];
}

function warnOtherFiles({ leftOut, parts }: FileNotes): string[] {
  const dropped = [...leftOut, ...parts.filter(({ layout }) => layout === null).map(({ name }) => name)];
  if (dropped.length === 0) return [];
  return [`Of the zip I leave out ${quotedList(dropped, 8)}.`];
}
