import type { Engine } from '../../src/executor/engine.ts';
import { createNanoEngine } from '../../src/executor/nano-engine.ts';

/** The real engine with an eightfold time estimate, so that no run meets its ceiling on a busy machine. */
export function createPatientEngine(): Engine {
  const nano = createNanoEngine();
  return {
    ...nano,
    estimate: (...input) => {
      const estimate = nano.estimate(...input);
      return { ...estimate, seconds: estimate.seconds * 8 };
    },
  };
}
