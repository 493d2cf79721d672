/** How far off an engine's own formula may be before anything was measured, and how far a busy machine is off what was. */
const allowance = { unmeasured: 10, measured: 2.5 };
/** A process that starts on a machine with ten times as much to do as it can: measured 25 to 55 s for 1 s of work. */
const startSlackSeconds = 60;
/** Of the money left, so that a try which hangs leaves enough for another with twice the time. */
const share = 1 / 5;

/**
 * The ceiling, in seconds, of answers that a campaign cannot go on without. To stop them for slowness saves nothing: the
 * same work is paid for again, from its start. They get room for a machine that is busier than it was ever measured, up
 * to a fifth of what is left; what they do not take is given back.
 * @param ceiling as priced, and never less than that
 * @param left seconds that the budget still holds; infinite where it has no limit
 */
export function neededCeiling(
  expected: number,
  ceiling: number,
  { left, isMeasured }: { left: number; isMeasured: boolean },
): number {
  const factor = isMeasured ? allowance.measured : allowance.unmeasured;
  return Math.max(ceiling, Math.min(left * share, expected * factor + startSlackSeconds));
}
