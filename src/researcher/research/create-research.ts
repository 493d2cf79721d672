import type { Fetcher } from './fetcher.ts';
import { findDatasets } from './find-datasets.ts';
import { findModels } from './find-models.ts';
import { findPapers } from './find-papers.ts';
import { makeWords } from './make-words.ts';
import type { Research } from './port.ts';
import type { Services } from './public-services.ts';
import { startRun } from './run.ts';

/** Limit for all of one research; results that are not there by then are left out. */
const maxMs = 180_000;

/** Research by rules: words of the request, three kinds of things, ids confirmed. Needs no language model. */
export function createResearch(fetcher: Fetcher, services: Services): Research {
  const closed = new AbortController();
  return {
    find: async (query) => {
      const words = makeWords(query);
      if (words.length === 0) {
        const problems = ['The request has no words that I could look up.'];
        return { words, papers: [], models: [], datasets: [], problems };
      }
      const run = startRun(fetcher, services, AbortSignal.any([closed.signal, AbortSignal.timeout(maxMs)]));
      // One after the other: they ask the same hosts, and each host is asked one thing at a time.
      const papers = await findPapers(run, words);
      const models = await findModels(run, words);
      const datasets = await findDatasets(run, words);
      if (closed.signal.aborted) return null;
      return { words, papers, models, datasets, problems: run.problems() };
    },
    close: async () => {
      if (closed.signal.aborted) return;
      closed.abort();
      await fetcher.close();
    },
  };
}
