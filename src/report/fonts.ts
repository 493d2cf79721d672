import { readFile } from 'node:fs/promises';

/** The fonts of every picture, for layout and for drawing. */
export const faces = [
  { family: 'Inter', weight: 400, file: 'inter-400.ttf' },
  { family: 'Inter', weight: 600, file: 'inter-600.ttf' },
] as const;

export type FontFile = (typeof faces)[number]['file'];

export const readFont = (file: FontFile): Promise<Buffer> =>
  readFile(new URL(`./fonts/${file}`, import.meta.url));
