import { createNanoCatalog } from '../../src/executor/nano-catalog.ts';
import type { DataCatalog } from '../../src/recipe/types.ts';

/** The real tasks with at most `maxRows` rows in a pool: a node takes seconds, where time and score are not the subject. */
export function createSmallCatalog(maxRows = 600): DataCatalog {
  const nano = createNanoCatalog();
  return {
    ...nano,
    evaluation: async (task) => (await nano.evaluation(task)).slice(0, 150),
    load: async (id) => (await nano.load(id)).slice(0, maxRows),
    tasks: () =>
      nano.tasks().map((task) => ({
        ...task,
        pools: task.pools.map((pool) => ({ ...pool, rows: Math.min(pool.rows, maxRows) })),
      })),
  };
}
