/** Factors on the expected time: for an engine's formula before anything was measured, and for a busy machine after. */
const allowance = { unmeasured: 10, measured: 2.5 };
/** Time for a process to start on a machine with ten times the load it can bear: measured 25 to 55 s for 1 s of work. */
const startSlackSeconds = 60;
/** Share of the money left, so that an attempt which hangs leaves enough for another with twice the time. */
const share = 1 / 5;

/**
 * The ceiling, in seconds, of answers that a campaign cannot go on without. Stopping them for slowness saves nothing: the
 * same work is paid for again, from its start. They get room for a machine that is busier than it was ever measured, up
 * to a fifth of the budget left; unused time is given back.
 * @param ceiling the priced ceiling; the result is never below it
 * @param left seconds left in the budget; infinite where it has no limit
 */
export function neededCeiling(
  expected: number,
  ceiling: number,
  { left, isMeasured }: { left: number; isMeasured: boolean },
): number {
  const factor = isMeasured ? allowance.measured : allowance.unmeasured;
  return Math.max(ceiling, Math.min(left * share, expected * factor + startSlackSeconds));
}
