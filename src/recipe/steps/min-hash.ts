import { normaliseText } from '../text.ts';
import type { Row } from '../types.ts';

/** Bands and rows of a MinHash-LSH: a pair of similarity s shares a band with probability 1 - (1 - s^rows)^bands. */
export interface BandPlan {
  bands: number;
  rows: number;
}

const maxHashes = 128;
const wantedRecall = 0.98;
const gramLength = 5;

/** A pair this much less similar than asked should not be compared; at most one in twenty such pairs is. */
const farBelow = 0.35;
const maxFarFound = 0.05;

/**
 * The fewest hashes, at most 128, that find 98 % of pairs at the similarity and few that are far below it. 0.7 -> 22 x 5,
 * near the 25 x 5 that found 0.976 in our measurement; 0.9 -> 8 x 9.
 */
export function planBands(similarity: number): BandPlan {
  let best: BandPlan = { bands: maxHashes / 2, rows: 2 };
  for (let rows = 2; rows <= 32; rows++) {
    const bands = Math.max(2, Math.ceil(Math.log(1 - wantedRecall) / Math.log(1 - similarity ** rows)));
    if (bands * rows > maxHashes) break;
    best = { bands, rows };
    if (1 - (1 - (similarity - farBelow) ** rows) ** bands <= maxFarFound) break;
  }
  return best;
}

/** The text by which rows are compared: prompt and completion in small letters, white space as single spaces. */
const textOf = (row: Row): string =>
  `${normaliseText(row.prompt)}\n${normaliseText(row.completion)}`.toLowerCase();

/** Hashes of the different character 5-grams, ascending; a shorter text is one gram. */
export function gramsOf(row: Row): Int32Array {
  const text = textOf(row);
  const count = Math.max(1, text.length - gramLength + 1);
  const grams = new Int32Array(count);
  for (let i = 0; i < count; i++) {
    let hash = 0x811c9dc5;
    const end = Math.min(text.length, i + gramLength);
    for (let j = i; j < end; j++) hash = Math.imul(hash ^ text.charCodeAt(j), 0x01000193);
    grams[i] = mix(hash);
  }
  grams.sort();
  let distinct = 1;
  for (let i = 1; i < count; i++) if (grams[i] !== grams[i - 1]) grams[distinct++] = grams[i]!;
  return grams.subarray(0, distinct);
}

/** Share of grams that both have (Jaccard), in [0, 1]. Both ascending and without repeats. */
export function similarityOf(a: Int32Array, b: Int32Array): number {
  let shared = 0;
  for (let i = 0, j = 0; i < a.length && j < b.length; ) {
    const x = a[i]!;
    const y = b[j]!;
    if (x === y) shared += 1;
    if (x <= y) i += 1;
    if (y <= x) j += 1;
  }
  return shared / (a.length + b.length - shared);
}

/** Writes the minimum of each hash function over the grams to `signatures` from `offset` on. */
export function writeSignature(
  grams: Int32Array,
  signatures: Int32Array,
  offset: number,
  hashes: number,
): void {
  for (let k = 0; k < hashes; k++) {
    const factor = factors[k]!;
    const added = addends[k]!;
    let least = 0x7fffffff;
    for (let i = 0; i < grams.length; i++) {
      let value = (Math.imul(factor, grams[i]!) + added) | 0;
      value ^= value >>> 15;
      if (value < least) least = value;
    }
    signatures[offset + k] = least;
  }
}

/** MurmurHash3's finaliser (Austin Appleby, public domain). */
function mix(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}

const factors = Int32Array.from({ length: maxHashes }, (_, k) => mix(2 * k + 1) | 1);
const addends = Int32Array.from({ length: maxHashes }, (_, k) => mix(2 * k + 2));
