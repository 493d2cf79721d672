import { sha256 } from '../../../../lib/hash.ts';
import { createRng, type Rng } from '../../../../lib/rng.ts';
import { copyDocuments } from './copy-documents.ts';
import type { DocumentKind } from './document-kind.ts';
import { factDocuments } from './fact-documents.ts';
import { proseDocuments } from './prose-documents.ts';

const kinds: readonly DocumentKind[] = [...proseDocuments, ...factDocuments, ...copyDocuments];
const totalWeight = kinds.reduce((sum, kind) => sum + kind.weight, 0);

function drawDocument(rng: Rng): string {
  let remaining = rng.next() * totalWeight;
  for (const kind of kinds) {
    remaining -= kind.weight;
    if (remaining < 0) return kind.draw(rng);
  }
  return kinds[0]!.draw(rng);
}

const heldOutSeed = 777;
const heldOutCount = 128;
let heldOut: string[] | undefined;

/** The 128 documents of the retention guard; never in the pre-training stream. */
export function heldOutDocuments(): readonly string[] {
  if (!heldOut) {
    const rng = createRng(heldOutSeed);
    const distinct = new Set<string>();
    while (distinct.size < heldOutCount) distinct.add(drawDocument(rng));
    heldOut = [...distinct];
  }
  return heldOut;
}

/** An endless, seeded stream of pre-training documents. */
export function createDocumentStream(seed: number): () => string {
  const rng = createRng(seed);
  const excluded = new Set(heldOutDocuments());
  return () => {
    for (;;) {
      const text = drawDocument(rng);
      if (!excluded.has(text)) return text;
    }
  };
}

/** Identity of the generator: SHA-256 of the first 1,000 documents of seed 1. */
export function generalTextHash(): string {
  const next = createDocumentStream(1);
  return sha256(Array.from({ length: 1000 }, next).join('\n'));
}
