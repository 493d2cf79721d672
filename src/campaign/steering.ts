import type { TrainingMethod } from './brief.ts';
import type { Strategy } from './states.ts';

/** Standing wishes of the people in the thread; effective at the next selection. */
export interface Steering {
  bannedMethods: TrainingMethod[];
  bannedStrategies: Strategy[];
  /** Free words to prefer, from "focus on …". */
  focus: string[];
}

export const noSteering: Steering = { bannedMethods: [], bannedStrategies: [], focus: [] };
