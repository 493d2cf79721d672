import { TrexError } from './errors.ts';

/** Why a folder cannot be used, after "it"; null when the error is not about files. */
export function folderProblem(error: unknown): string | null {
  switch ((error as NodeJS.ErrnoException | undefined)?.code) {
    case 'EACCES':
    case 'EPERM':
      return 'it may not be written by the user who starts the bot';
    case 'EROFS':
      return 'it is on a file system that is read-only';
    case 'ENOSPC':
    case 'EDQUOT':
      return 'its disk is full';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'there is a file in its place or above it';
    case 'ENOENT':
      return 'it cannot be made there';
    default:
      return null;
  }
}

/** The same as an error that names the variable to change. */
export const unusableDataDir = (dir: string, problem: string, cause: unknown): TrexError =>
  new TrexError(
    'data_dir_unusable',
    'config',
    `The data folder ${dir} cannot be used: ${problem}. Set TREX_DATA_DIR to a folder that can be written, or make this one so.`,
    { cause },
  );
