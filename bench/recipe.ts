import { createRng, type Rng } from '../src/lib/rng.ts';
import { readDataset } from '../src/recipe/read-dataset.ts';
import type { Recipe, RecipeStep } from '../src/recipe/recipe.ts';
import { runRecipe } from '../src/recipe/run-recipe.ts';
import type { Row } from '../src/recipe/types.ts';
import type { BenchLine } from './line.ts';

const fileBytes = 50_000_000;
const dedupRows = 100_000;
const bench = 'recipe';

/** Reading a 50 MB file against parsing its lines alone, and the most expensive operators. */
export async function benchRecipe(): Promise<BenchLine[]> {
  return [...(await benchReading()), ...(await benchSteps())];
}

async function benchReading(): Promise<BenchLine[]> {
  const { bytes, rows } = datesFile(fileBytes);
  const parse = bestOf(3, () => {
    let parsed = 0;
    for (const line of new TextDecoder().decode(bytes).split('\n'))
      if (line !== '') parsed += (JSON.parse(line) as Row).prompt.length > 0 ? 1 : 0;
    return parsed;
  });
  const csv = toCsv(bytes);
  let longestTurnMs = 0;
  let turned = performance.now();
  const pause = async (): Promise<void> => {
    longestTurnMs = Math.max(longestTurnMs, performance.now() - turned);
    await new Promise((resolve) => setImmediate(resolve));
    turned = performance.now();
  };
  const read = await bestOfAsync(3, async () => {
    turned = performance.now();
    await readDataset({ name: 'dates.jsonl', bytes, pause });
  });
  const readCsv = await bestOfAsync(2, async () => {
    await readDataset({ name: 'dates.csv', bytes: csv });
  });
  const against = 'JSON.parse of each line';
  const perSecond = (ms: number): number => Math.round(rows / (ms / 1000));
  return [
    { bench, case: 'parse the lines of 50 MB JSONL', value: perSecond(parse), unit: 'rows/s' },
    {
      bench,
      case: 'read 50 MB JSONL',
      value: perSecond(read),
      unit: 'rows/s',
      against,
      ratio: round(parse / read),
    },
    {
      bench,
      case: 'read the same as CSV',
      value: perSecond(readCsv),
      unit: 'rows/s',
      against,
      ratio: round(parse / readCsv),
    },
    { bench, case: 'longest turn without the event loop, 50 MB', value: round(longestTurnMs), unit: 'ms' },
  ];
}

async function benchSteps(): Promise<BenchLine[]> {
  const rows = ticketRows(dedupRows);
  const time = async (steps: RecipeStep[]): Promise<number> => {
    const recipe: Recipe = { v: 1, inputs: [{ source: 'x', maxRows: null }], steps, seed: 1 };
    return bestOfAsync(2, async () => {
      await runRecipe(recipe, async () => rows);
    });
  };
  const exactMs = await time([{ op: 'dedup_exact' }]);
  const perSecond = (ms: number): number => Math.round(rows.length / (ms / 1000));
  const lines: BenchLine[] = [
    { bench, case: 'dedup_exact, 100,000 rows', value: perSecond(exactMs), unit: 'rows/s' },
  ];
  for (const similarity of [0.7, 0.9]) {
    const ms = await time([{ op: 'dedup_near', similarity }]);
    lines.push({
      bench,
      case: `dedup_near ${similarity}, 100,000 rows of 110 characters`,
      value: perSecond(ms),
      unit: 'rows/s',
      against: 'dedup_exact',
      ratio: round(exactMs / ms),
    });
  }
  const swapMs = await time([{ op: 'synth_swap_spans', rows: 20_000 }]);
  lines.push({ bench, case: 'synth_swap_spans, 20,000 from 100,000', value: round(swapMs), unit: 'ms' });
  return lines;
}

/** JSONL of about `size` bytes: dates in words and in ISO form, one in ten wrong. */
function datesFile(size: number): { bytes: Uint8Array; rows: number } {
  const rng = createRng(1);
  const parts: string[] = [];
  let length = 0;
  while (length < size) {
    const [day, month, year] = [1 + rng.int(28), 1 + rng.int(12), 1900 + rng.int(200)];
    const iso = `${year}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
    const prompt = `date: the ${day}th of month ${month} in the year ${year}, as noted on page ${rng.int(100_000)}`;
    const line = `${JSON.stringify({ prompt, completion: rng.int(10) === 0 ? 'unknown' : iso })}\n`;
    parts.push(line);
    length += line.length;
  }
  return { bytes: new TextEncoder().encode(parts.join('')), rows: parts.length };
}

function toCsv(jsonl: Uint8Array): Uint8Array {
  const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
  let text = 'prompt,completion\n';
  for (const line of new TextDecoder().decode(jsonl).split('\n')) {
    if (line === '') continue;
    const row = JSON.parse(line) as Row;
    text += `${quoted(row.prompt)},${quoted(row.completion)}\n`;
  }
  return new TextEncoder().encode(text);
}

/** Short texts of a common vocabulary; one in ten nearly repeats an earlier one. */
function ticketRows(count: number): Row[] {
  const rng = createRng(2);
  const words = Array.from({ length: 3000 }, () => word(rng));
  const texts: string[][] = [];
  while (texts.length < count) {
    const earlier = texts.length > 0 && rng.int(10) === 0 ? rng.pick(texts) : null;
    const text = earlier ? [...earlier] : Array.from({ length: 14 }, () => rng.pick(words));
    if (earlier) text[rng.int(text.length)] = rng.pick(words);
    texts.push(text);
  }
  return texts.map((text) => ({
    prompt: `ticket ${text.join(' ')}`,
    completion: text.slice(3, 5).join(' '),
  }));
}

const word = (rng: Rng): string =>
  Array.from({ length: 3 + rng.int(7) }, () => String.fromCharCode(97 + rng.int(26))).join('');

function bestOf(times: number, work: () => unknown): number {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const started = performance.now();
    work();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

async function bestOfAsync(times: number, work: () => Promise<void>): Promise<number> {
  let best = Number.POSITIVE_INFINITY;
  for (let i = 0; i < times; i++) {
    const started = performance.now();
    await work();
    best = Math.min(best, performance.now() - started);
  }
  return best;
}

const round = (value: number): number => Math.round(value * 100) / 100;
