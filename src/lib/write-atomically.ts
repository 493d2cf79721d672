import { renameSync, writeFileSync } from 'node:fs';

/** Whole or not at all: written beside and renamed. */
export function writeAtomically(path: string, content: string | Uint8Array): void {
  writeFileSync(`${path}.part`, content);
  renameSync(`${path}.part`, path);
}
