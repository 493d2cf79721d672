import type { TrainingSettings } from '../campaign/run-spec.ts';
import type { Pulse, StopReason } from '../campaign/run-watch.ts';
import type { MetricPoint } from './engine.ts';

/**
 * Limits of the watchdog, in seconds of running time. All are minutes, so that a short run on a busy machine is never
 * ended by it; the ceiling ends such a run anyway.
 */
export interface WatchLimits {
  /** Time between polls farther apart than this was not watched. More than the longest pause between polls, 600 s. */
  blindSeconds: number;
  /** A run whose loss is no number, or ran away, gets this long to stop by itself. */
  ownStopSeconds: number;
  /** Minimum silence that counts as a stall; a checkpoint on a slow disk takes minutes. */
  silenceSeconds: number;
  /** A stall also lasts this many times the longest silence that the run came back from, and a step at its ceiling's pace. */
  silenceFactor: number;
  /** A run may take this share of its ceiling, and at least `startSeconds`, until its first line. */
  startShare: number;
  startSeconds: number;
  /** A GPU below `idleBelow` percent for `idleSeconds` is idle. */
  idleBelow: number;
  idleSeconds: number;
  /** A pace is known after this share of the steps and `paceSeconds` of them. */
  paceShare: number;
  paceSeconds: number;
  /** Minimum saving of an early end, against the ceiling and against the end of the run. */
  minSavedSeconds: number;
}

export const watchLimits: WatchLimits = {
  blindSeconds: 900,
  ownStopSeconds: 60,
  silenceSeconds: 900,
  silenceFactor: 4,
  startShare: 0.5,
  startSeconds: 900,
  idleBelow: 5,
  idleSeconds: 600,
  paceShare: 0.2,
  paceSeconds: 120,
  minSavedSeconds: 120,
};

/** The loss above which a run diverges: the embedded engine's rule, from the first line instead of the first steps. */
const runawayLimit = (first: number): number => Math.max(first + Math.abs(first) / 2, first + 1);
const linesAboveLimit = 20;
const smoothing = 0.9;

const unseen: Pulse = {
  unwatchedSeconds: 0,
  newsSeconds: 0,
  first: null,
  step: 0,
  steps: 0,
  longestGapSeconds: 0,
  notFinite: null,
  loss: null,
  idleSeconds: null,
  isBehind: false,
  judgedShare: 0,
};

export interface Look {
  /** Running time as the cluster reports it, now and at the poll before. */
  runSeconds: number;
  lastRunSeconds: number;
  /** New lines, oldest first. */
  points: readonly MetricPoint[];
  /** More lines are waiting than this poll read. */
  isBehind: boolean;
}

/** Folds the metrics of one poll into those before. Time that was not watched is left out of every calculation. */
export function foldMetrics(
  before: Pulse | null,
  look: Look,
  training: TrainingSettings,
  limits: WatchLimits = watchLimits,
): Pulse {
  const gap = look.runSeconds - look.lastRunSeconds;
  const pulse: Pulse = { ...(before ?? { ...unseen, unwatchedSeconds: look.lastRunSeconds }) };
  pulse.isBehind = look.isBehind;
  if (gap > limits.blindSeconds) pulse.unwatchedSeconds += gap;
  const now = watchedSeconds(pulse, look.runSeconds);
  if (look.points.length === 0) return pulse;
  if (pulse.first !== null)
    pulse.longestGapSeconds = Math.max(pulse.longestGapSeconds, now - pulse.newsSeconds);
  pulse.newsSeconds = now;
  for (const point of look.points) addLine(pulse, point, now, { training, limits });
  return pulse;
}

function addLine(
  pulse: Pulse,
  point: MetricPoint,
  now: number,
  { training, limits }: { training: TrainingSettings; limits: WatchLimits },
): void {
  const { step, steps, values, notFinite } = point;
  pulse.first ??= { seconds: now, step };
  pulse.step = step;
  pulse.steps = steps;
  const bad = notFinite.loss;
  if (bad !== undefined) pulse.notFinite ??= { seconds: now, step, value: bad };
  const { loss, gpu_utilization: use } = values;
  if (loss !== undefined) {
    pulse.notFinite = null;
    pulse.loss = addLoss(pulse.loss, loss, step > training.warmupRatio * steps && hasLoss(training), now);
  }
  pulse.idleSeconds = use === undefined || use >= limits.idleBelow ? null : (pulse.idleSeconds ?? now);
}

/** Learning from own samples (GRPO) has a loss around zero that shows no progress. */
const hasLoss = ({ objective }: TrainingSettings): boolean => objective?.kind !== 'grpo';

function addLoss(before: Pulse['loss'], loss: number, counts: boolean, now: number): Pulse['loss'] {
  if (before === null) return { first: loss, smoothed: loss, above: 0, aboveSeconds: now };
  const smoothed = smoothing * before.smoothed + (1 - smoothing) * loss;
  if (!counts || smoothed <= runawayLimit(before.first)) return { ...before, smoothed, above: 0 };
  const aboveSeconds = before.above === 0 ? now : before.aboveSeconds;
  return { ...before, smoothed, above: before.above + 1, aboveSeconds };
}

const watchedSeconds = (pulse: Pulse, runSeconds: number): number => runSeconds - pulse.unwatchedSeconds;

export interface WatchedRun {
  pulse: Pulse | null;
  runSeconds: number;
  limitSeconds: number;
}

/**
 * The reason to end this run now; null: let it go on. Work after the last step (saving weights, answering) is never
 * judged: it writes no lines, and the ceiling holds for it.
 */
export function judgeRun(run: WatchedRun, limits: WatchLimits = watchLimits): StopReason | null {
  const { pulse } = run;
  if (pulse === null || pulse.isBehind) return null;
  const now = watchedSeconds(pulse, run.runSeconds);
  if (pulse.first === null) return neverBegan(run, now, limits);
  if (pulse.step >= pulse.steps) return null;
  return (
    wentWrong(pulse, now, limits) ??
    hasStalled(pulse, now, run.limitSeconds, limits) ??
    isIdle(pulse, limits) ??
    isTooSlow(pulse, now, run.limitSeconds, limits)
  );
}

function neverBegan({ limitSeconds }: WatchedRun, now: number, limits: WatchLimits): StopReason | null {
  const allowed = Math.max(limits.startSeconds, limits.startShare * limitSeconds);
  if (now <= allowed || limitSeconds - now < limits.minSavedSeconds) return null;
  return { code: 'stalled', silentSeconds: now, usualSeconds: 0, step: null, steps: 0 };
}

function wentWrong(pulse: Pulse, now: number, { ownStopSeconds }: WatchLimits): StopReason | null {
  const { step, steps, notFinite, loss } = pulse;
  if (notFinite !== null && now - notFinite.seconds >= ownStopSeconds)
    return { code: 'nan', step: notFinite.step, steps, value: notFinite.value };
  if (loss === null || loss.above < linesAboveLimit || now - loss.aboveSeconds < ownStopSeconds) return null;
  return { code: 'diverged', step, steps, first: loss.first, now: loss.smoothed };
}

function hasStalled(pulse: Pulse, now: number, limitSeconds: number, limits: WatchLimits): StopReason | null {
  const { step, steps, longestGapSeconds } = pulse;
  const silentSeconds = now - pulse.newsSeconds;
  const slowest = Math.max(longestGapSeconds, limitSeconds / steps);
  if (silentSeconds <= Math.max(limits.silenceSeconds, limits.silenceFactor * slowest)) return null;
  return { code: 'stalled', silentSeconds, usualSeconds: longestGapSeconds, step, steps };
}

function isIdle({ idleSeconds, newsSeconds, step, steps }: Pulse, limits: WatchLimits): StopReason | null {
  // Counted up to the last line, because the silence after it proves nothing.
  if (idleSeconds === null || newsSeconds - idleSeconds < limits.idleSeconds) return null;
  return { code: 'gpu_idle', idleSeconds: newsSeconds - idleSeconds, step, steps };
}

function isTooSlow(pulse: Pulse, now: number, limitSeconds: number, limits: WatchLimits): StopReason | null {
  const projectedSeconds = projectedEnd(pulse, limits);
  if (projectedSeconds === null || limitSeconds - now < limits.minSavedSeconds) return null;
  const isHopeless = projectedSeconds > 1.5 * limitSeconds;
  const isLate = now > limitSeconds / 2 && projectedSeconds > 1.2 * limitSeconds;
  if (!isHopeless && !isLate) return null;
  return { code: 'too_slow', projectedSeconds, limitSeconds, step: pulse.step, steps: pulse.steps };
}

/** Projected running time at the last step, at the pace of the steps so far; null while no pace is known. */
export function projectedEnd(
  pulse: Pulse,
  limits: Pick<WatchLimits, 'paceShare' | 'paceSeconds'> = watchLimits,
): number | null {
  const { first, step, steps, newsSeconds } = pulse;
  if (first === null || steps <= first.step) return null;
  const done = step - first.step;
  const took = newsSeconds - first.seconds;
  if (took < limits.paceSeconds || done <= 0 || done / (steps - first.step) < limits.paceShare) return null;
  return newsSeconds + ((steps - step) * took) / done;
}
