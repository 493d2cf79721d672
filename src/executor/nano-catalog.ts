import type { DataCatalog, Row } from '../recipe/types.ts';
import { listTasks, loadEvaluation, loadPool } from './engines/nano/tasks/tasks.ts';

/** The embedded tasks as data sources: eight families with pools of differing quality. */
export function createNanoCatalog(): DataCatalog {
  const tasks = listTasks();
  const pools = new Map<string, Row[]>();
  return {
    tasks: () => tasks,
    load: async (id) => {
      const known = pools.get(id) ?? loadPool(id).map((row) => ({ ...row, source: id }));
      pools.set(id, known);
      return known;
    },
    evaluation: async (task) => loadEvaluation(task),
  };
}
