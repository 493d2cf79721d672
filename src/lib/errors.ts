/** Whose fault a failure is; decides the message in the thread and whether the search learns from it. */
export const faults = ['user', 'data', 'config', 'cluster', 'provider', 'ours'] as const;
export type Fault = (typeof faults)[number];

/**
 * The base of every error that we raise on purpose. `message` is a sentence that a person can act on; it never holds a
 * secret. Adapters turn foreign errors into this at their edge; only Slack, web and CLI turn it into text.
 */
export class TrexError extends Error {
  readonly code: string;
  readonly fault: Fault;

  constructor(code: string, fault: Fault, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
    this.fault = fault;
  }
}

/** A person's input cannot be used as it is; the message says what was wrong and what to do. */
export class BadInputError extends TrexError {
  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(code, 'user', message, options);
  }
}

/** A row, file or blob that should exist does not. */
export class NotFoundError extends TrexError {
  constructor(what: string) {
    super('not_found', 'user', `I cannot find ${what}.`);
  }
}

/** Stored data are missing or altered: nothing may be computed from them until they are restored. */
export class DataDamagedError extends TrexError {
  /** @param file path within the data folder */
  constructor(what: string, file: string, how: 'missing' | 'changed') {
    const found =
      how === 'missing' ? 'is missing' : 'no longer has the content that its name, a SHA-256, stands for';
    super(
      'data_damaged',
      'data',
      `I cannot use ${what}: the file \`${file}\` in my data folder (\`TREX_DATA_DIR\`) ${found}. Restore this file from a backup.`,
    );
  }
}

/** A compare-and-set lost: somebody else decided first. */
export class ConflictError extends TrexError {
  constructor(message: string) {
    super('conflict', 'user', message);
  }
}

/** Returns a value that earlier checks guarantee. @throws Error naming the value when it is missing */
export function existing<T>(value: T | null | undefined, what: string): T {
  if (value === null || value === undefined) throw new Error(`${what} is not there`);
  return value;
}

/** A call to the operating system that failed: a full disk, a file that is busy. */
export function isSystemError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}

/** No room for another byte, on the disk or within its quota. */
export const isDiskFull = (error: unknown): boolean =>
  isSystemError(error) && (error.code === 'ENOSPC' || error.code === 'EDQUOT');

export function asError(value: unknown): Error {
  return value instanceof Error ? value : new Error(String(value));
}
