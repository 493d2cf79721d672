import { BadInputError } from '../../lib/errors.ts';
import { cutText, formatCount, plural } from '../text.ts';

const accepted =
  'I take JSONL (`{"prompt": "5 March 2021", "completion": "2021-03-05"}` on each line) or CSV with a header such as `prompt,completion`.';

const columnPairs =
  '`prompt`/`completion`, `input`/`output`, `question`/`answer`, `instruction`/`response`, `text`/`label`, `source`/`target` or `messages`';

const megabytes = (bytes: number): string => `${formatCount(Math.ceil(bytes / 1_000_000))} MB`;

/** The sentences with which a file is refused, each with what would be accepted. */
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
      `I could not read \`${name}\`: ${plural(lines, 'row')} ${lines === 1 ? 'is' : 'are'} not UTF-8 text. Save it as UTF-8 (in Excel: "CSV UTF-8") and attach it again. ${accepted}`,
    ),

  noColumns: (name: string, found: string[]) => {
    const shown = found.slice(0, 8).map((column) => `\`${cutText(column, 40)}\``);
    const more = found.length > 8 ? ` and ${found.length - 8} more` : '';
    return new BadInputError(
      'dataset_no_columns',
      `I do not know which columns of \`${name}\` to use. I found ${shown.join(', ')}${more}; I look for ${columnPairs}. Rename two columns and attach it again. ${accepted}`,
    );
  },

  noRows: (name: string, badRows: number, first: { line: number; reason: string } | undefined) =>
    new BadInputError(
      'dataset_no_rows',
      first === undefined
        ? `\`${name}\` has no rows. ${accepted}`
        : `\`${name}\` has no row that I can use (${formatCount(badRows)} unreadable; line ${first.line}: ${first.reason}). ${accepted}`,
    ),
};
