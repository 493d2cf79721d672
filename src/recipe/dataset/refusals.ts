import { BadInputError } from '../../lib/errors.ts';
import { countText, numberText } from '../../lib/text.ts';
import { quotedList } from '../text.ts';

const accepted =
  'I take JSONL (`{"prompt": "5 March 2021", "completion": "2021-03-05"}` on each line), CSV or TSV with a header such as `prompt,completion`, or Parquet; also as .gz or .zip.';

const megabytes = (bytes: number): string => `${numberText(Math.ceil(bytes / 1_000_000))} MB`;

/** Errors that refuse a file; each sentence says what would be accepted. */
export const refusals = {
  empty: (name: string) => new BadInputError('dataset_empty', `\`${name}\` is empty. ${accepted}`),

  tooLarge: (name: string, bytes: number, maxBytes: number) =>
    new BadInputError(
      'dataset_too_large',
      `\`${name}\` has ${megabytes(bytes)} and I read at most ${megabytes(maxBytes)}. Attach a sample; a few thousand rows say as much.`,
    ),

  binary: (name: string, kind: string) =>
    new BadInputError(
      'dataset_binary',
      `I could not read \`${name}\`${kind === 'binary' ? ': it is not text' : `: it looks like ${kind}`}. ${accepted}`,
    ),

  notUtf8: (name: string, lines: number) =>
    new BadInputError(
      'dataset_not_utf8',
      `I could not read \`${name}\`: ${countText(lines, 'row')} ${lines === 1 ? 'is' : 'are'} not UTF-8 text. Save it as UTF-8 (in Excel: "CSV UTF-8") and attach it again. ${accepted}`,
    ),

  /** A file with fewer than two columns, so that there is no choice to ask about. */
  noColumns: (name: string, found: string[]) =>
    new BadInputError(
      'dataset_no_columns',
      `\`${name}\` has ${found.length === 0 ? 'no columns' : `the column ${quotedList(found, 8)} only`}; I need one for what is asked and one for the answer. ${accepted}`,
    ),

  notThere: (name: string, wanted: string[], found: string[]) =>
    new BadInputError(
      'dataset_no_such_column',
      `\`${name}\` has no column ${quotedList(wanted, 8)}. It has ${quotedList(found, 8)}.`,
    ),

  tooLargeUnpacked: (name: string, maxBytes: number, cause?: unknown) =>
    new BadInputError(
      'dataset_too_large',
      `\`${name}\` holds more than ${megabytes(maxBytes)} when it is unpacked, and I read at most that. Attach a sample; a few thousand rows say as much.`,
      { cause },
    ),

  damaged: (name: string, kind: string, cause: unknown) =>
    new BadInputError(
      'dataset_damaged',
      `\`${name}\` looks like ${kind}, and it is damaged or incomplete. Make it again and attach it once more. ${accepted}`,
      { cause },
    ),

  officeFile: (name: string) =>
    new BadInputError(
      'dataset_binary',
      `\`${name}\` is an Office file, and I do not read those. In Excel: File, Save as, "CSV UTF-8", and attach that. ${accepted}`,
    ),

  locked: (name: string) =>
    new BadInputError('dataset_locked', `\`${name}\` is locked with a password. Attach it without one.`),

  tooManyFiles: (name: string, maxEntries: number) =>
    new BadInputError(
      'dataset_too_many_files',
      `\`${name}\` holds more than ${numberText(maxEntries)} files. Put the rows into one, please.`,
    ),

  noFiles: (name: string, others: string[]) =>
    new BadInputError(
      'dataset_no_rows',
      `\`${name}\` holds no file of rows${others.length === 0 ? '' : ` (it holds ${quotedList(others, 8)})`}. ${accepted}`,
    ),

  allHeldBack: (name: string, rows: number, by: string) =>
    new BadInputError(
      'dataset_no_rows',
      `All ${countText(rows, 'row')} of \`${name}\` that I could read say by \`${by}\` that they are not to be trained on.`,
    ),

  noRows: (name: string, badRows: number, first: { line: number; reason: string } | undefined) =>
    new BadInputError(
      'dataset_no_rows',
      first === undefined
        ? `\`${name}\` has no rows. ${accepted}`
        : `\`${name}\` has no row that I can use (${numberText(badRows)} unreadable; line ${first.line}: ${first.reason}). ${accepted}`,
    ),
};
