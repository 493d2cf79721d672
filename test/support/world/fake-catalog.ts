import { createRng } from '../../../src/lib/rng.ts';
import type { CatalogTask, DataCatalog, Row } from '../../../src/recipe/types.ts';
import { setExpectedAnswers } from './fake-training.ts';

const words = [
  'amber',
  'birch',
  'cedar',
  'delta',
  'ember',
  'fjord',
  'grove',
  'heath',
  'inlet',
  'jetty',
  'knoll',
  'ledge',
];

function makeRows(kind: string, count: number, seed: number, noise: number): Row[] {
  const rng = createRng(seed);
  return Array.from({ length: count }, (_, i) => {
    const word = rng.pick(words);
    const prompt = `${kind} upper: ${word} ${i}`;
    const bad = rng.next() < noise;
    return { prompt, completion: bad ? word : `${word.toUpperCase()}-${i}` };
  });
}

/** One task with two pools and 300 evaluation items. */
export function createFakeCatalog(): DataCatalog {
  const rows = new Map<string, Row[]>([
    ['upper/clean', makeRows('clean', 200, 1, 0)],
    ['upper/noisy', makeRows('noisy', 600, 2, 0.3)],
  ]);
  const evaluation = makeRows('eval', 300, 3, 0);
  setExpectedAnswers(new Map(evaluation.map(({ prompt, completion }) => [prompt, completion])));
  const task: CatalogTask = {
    name: 'upper',
    title: 'Upper-case words',
    metric: 'exact_match',
    example: { prompt: 'upper: amber 1', completion: 'AMBER-1' },
    keywords: ['upper', 'uppercase', 'capitals'],
    pools: [
      { id: 'upper/clean', title: 'clean words', note: 'small and right', rows: 200 },
      { id: 'upper/noisy', title: 'noisy words', note: 'large, a third wrong', rows: 600 },
    ],
  };
  return {
    tasks: () => [task],
    load: async (id) => (rows.get(id) ?? []).map((row) => ({ ...row, source: id })),
    evaluation: async () => evaluation,
  };
}
