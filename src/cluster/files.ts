import { randomBytes } from 'node:crypto';
import {
  closeSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  renameSync,
  unlinkSync,
  writeSync,
} from 'node:fs';

/**
 * Creates a file with its whole content in one step, or leaves an existing one. link(2) rather than rename(2): of
 * several writers exactly one wins, and a file once there never changes. It needs a file system with hard links.
 * Readable by the owner only, and on disk before it is visible.
 * @returns false when the file existed
 */
export function writeOnce(path: string, content: unknown): boolean {
  const draft = writeDraft(path, content, true);
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    unlinkSync(draft);
  }
}

/** Replaces a file in one step: a reader sees the old content or the new. */
export function writeOver(path: string, content: unknown): void {
  renameSync(writeDraft(path, content, false), path);
}

/** Undefined when the file is missing or holds something other than a JSON object. */
export function readObject(path: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return value !== null && typeof value === 'object' ? (value as Record<string, unknown>) : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw error;
  }
}

function writeDraft(path: string, content: unknown, durable: boolean): string {
  const draft = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  const fd = openSync(draft, 'wx', 0o600);
  try {
    writeSync(fd, `${JSON.stringify(content)}\n`);
    if (durable) fsyncSync(fd);
  } catch (error) {
    unlinkSync(draft);
    throw error;
  } finally {
    closeSync(fd);
  }
  return draft;
}
