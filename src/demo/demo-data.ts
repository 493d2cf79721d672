import { createRng } from '../lib/rng.ts';
import type { DataCatalog } from '../recipe/types.ts';

export interface DemoFiles {
  train: { name: string; bytes: Uint8Array };
  evaluation: { name: string; bytes: Uint8Array };
}

/**
 * The files that the demo's person attaches: rows as a team would have them, a third with wrong answers and a few
 * that cannot be read, and a smaller clean file to measure on.
 */
export async function makeDemoFiles(catalog: DataCatalog, seed: number): Promise<DemoFiles> {
  const rng = createRng(seed);
  const noisy = rng.shuffle([...(await catalog.load('date/noisy'))]).slice(0, 2600);
  const clean = rng.shuffle([...(await catalog.load('date/clean'))]).slice(0, 300);
  const lines = rng
    .shuffle([...noisy, ...clean])
    .map(({ prompt, completion }) => JSON.stringify({ prompt, completion }));
  for (const at of [88, 412, 1907]) lines.splice(at, 0, '{"prompt": "date: 3rd of May 2001"}');
  for (const at of [640, 1211]) lines.splice(at, 0, '{"prompt": "date: 12/0');
  const evaluation = (await catalog.evaluation('date')).map(({ prompt, completion }) =>
    JSON.stringify({ prompt, completion }),
  );
  const encode = (all: string[]): Uint8Array => new TextEncoder().encode(`${all.join('\n')}\n`);
  return {
    train: { name: 'dates-train.jsonl', bytes: encode(lines) },
    evaluation: { name: 'dates-eval.jsonl', bytes: encode(evaluation) },
  };
}
