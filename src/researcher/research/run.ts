import { FetchError } from './fetch-error.ts';
import type { Fetcher } from './fetcher.ts';
import type { ServiceName, Services } from './public-services.ts';
import type { Ask } from './types.ts';

/** One run of research. Failures are remembered, so that a service that is down is not asked again and again. */
export interface Run {
  ask: Ask;
  /** A sentence for people; the same one counts once. */
  note(problem: string): void;
  problems(): string[];
  /** The result of `work`, or `otherwise` when a service fails. Other errors are ours, and pass through. */
  attempt<T>(work: () => Promise<T>, otherwise: T): Promise<T>;
}

export function startRun(fetcher: Fetcher, services: Services, signal: AbortSignal): Run {
  const down = new Map<ServiceName, FetchError>();
  const problems = new Set<string>();
  return {
    ask: async (name, path, options = {}) => {
      const broken = down.get(name);
      if (broken !== undefined) throw broken;
      try {
        return await fetcher.get(services[name].origin + path, { signal, ...options });
      } catch (error) {
        if (error instanceof FetchError && !error.isAboutOne) {
          down.set(name, error);
          problems.add(error.message);
        }
        throw error;
      }
    },
    note: (problem) => void problems.add(problem),
    problems: () => [...problems],
    attempt: async (work, otherwise) => {
      try {
        return await work();
      } catch (error) {
        if (!(error instanceof FetchError)) throw error;
        if (!error.isAboutOne) problems.add(error.message);
        return otherwise;
      }
    },
  };
}
