import { NotFoundError } from '../../../../lib/errors.ts';
import { createRng } from '../../../../lib/rng.ts';
import { add } from './add.ts';
import { date } from './date.ts';
import type { PoolRow, TaskFamily } from './family.ts';
import { json } from './json.ts';
import {
  buildClean,
  buildDuplicates,
  buildEvaluation,
  buildNoisy,
  buildOffTopic,
  duplicatePoolSize,
  offTopicRows,
} from './pools.ts';
import { route } from './route.ts';
import { sentiment } from './sentiment.ts';
import { sql } from './sql.ts';
import { strings } from './strings.ts';
import { units } from './units.ts';

interface Pool {
  /** `task/pool`, for example date/noisy. */
  id: string;
  title: string;
  note: string;
  rows: number;
}

interface Task {
  name: string;
  title: string;
  metric: 'exact_match' | 'accuracy';
  example: PoolRow;
  pools: Pool[];
  /** Words by which a request for this kind of task can be recognised. */
  keywords: string[];
}

export const families: readonly TaskFamily[] = [date, sentiment, route, json, strings, units, sql, add];

/** Changing a seed changes every pool: scores are no longer comparable with earlier ones. */
const seeds = { clean: 11, noisy: 12, dup: 13, offtopic: 14, extra: 15, evaluation: 99 };

const evaluationRows = 1200;

export function listTasks(): Task[] {
  return families.map((family) => {
    const { name, title, metric, keywords } = family;
    return { name, title, metric, keywords, pools: listPools(family), example: loadEvaluation(name, 1)[0]! };
  });
}

function listPools(family: TaskFamily): Pool[] {
  const { name, title, cleanNote, noisyNote, cleanRows, noisyRows } = family;
  const pool = (kind: string, what: string, rows: number, note: string): Pool => {
    return { id: `${name}/${kind}`, title: `${title}: ${what}`, note, rows };
  };
  const { rows, unique } = duplicatePoolSize;
  return [
    pool('clean', 'checked by hand', cleanRows, `All right, but small and easy: ${cleanNote}.`),
    pool('noisy', 'collected', noisyRows, `All forms, about 35 % of the answers wrong: ${noisyNote}.`),
    pool('dup', 'repeated', rows, `${unique} right rows of the easiest forms, over and over.`),
    pool('offtopic', 'other work', offTopicRows, 'Right rows of seven other tasks.'),
    ...Object.entries(family.extraPools ?? {}).map(([kind, extra]) => {
      return {
        id: `${name}/${kind}`,
        title: extra.title,
        note: extra.note,
        rows: loadPool(`${name}/${kind}`).length,
      };
    }),
  ];
}

/** The rows of a pool; the same on every call. @throws NotFoundError for an unknown id. */
export function loadPool(id: string): PoolRow[] {
  const [name, kind] = id.split('/');
  const family = findFamily(name ?? '');
  switch (kind) {
    case 'clean':
      return buildClean(family, seeds.clean);
    case 'noisy':
      return buildNoisy(family, seeds.noisy).map(({ prompt, completion }) => ({ prompt, completion }));
    case 'dup':
      return buildDuplicates(family, seeds.dup);
    case 'offtopic':
      return buildOffTopic(
        families.filter((other) => other !== family),
        seeds.offtopic,
      );
    default: {
      const extra = family.extraPools?.[kind ?? ''];
      if (!extra) throw new NotFoundError(`a data pool named ${id}`);
      return extra.build(createRng(seeds.extra));
    }
  }
}

/**
 * Held-out items of a task, at most a few thousand; a shorter list is the start of a longer one, and the forms take
 * turns. No pool of any task holds one of these prompts. @throws NotFoundError for an unknown task,
 * RangeError when there are fewer items than `count`.
 */
export function loadEvaluation(task: string, count: number = evaluationRows): PoolRow[] {
  return buildEvaluation(findFamily(task), count, seeds.evaluation);
}

function findFamily(name: string): TaskFamily {
  const family = families.find((one) => one.name === name);
  if (!family) throw new NotFoundError(`a task named ${name}`);
  return family;
}
