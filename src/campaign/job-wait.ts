/** Why a job does not run yet, as stored in its row. */
export interface JobWait {
  /** ISO 8601. */
  since: string;
  /** The wait does not end by itself: people change something on the cluster, or withdraw the job. */
  needsPeople: boolean;
  /** Number of refusals by the cluster, and when (ISO 8601) the job is submitted again; null in the cluster's queue. */
  offers: { refused: number; nextAt: string } | null;
  /** The wait was announced in the thread. */
  isTold: boolean;
}

/** Seconds of waiting after which it is announced in the thread, once per job. */
export const waitsBeforeWord = {
  /** Waits that never end by themselves. Two minutes, since a scheduler changes its reason within the first. */
  people: 120,
  /** Refusals that may pass. */
  offers: 600,
  /** Waits in a queue that moves. */
  queue: 2700,
};

/** True when the wait is to be announced in the thread. */
export function isWordDue(wait: JobWait, now: Date): boolean {
  if (wait.isTold) return false;
  const limit = wait.needsPeople
    ? waitsBeforeWord.people
    : wait.offers === null
      ? waitsBeforeWord.queue
      : waitsBeforeWord.offers;
  return now.getTime() - Date.parse(wait.since) >= limit * 1000;
}

const firstPauseMs = 5_000;
const longestPauseMs = { passing: 300_000, people: 900_000 };

/** The wait after another refusal by the cluster: pauses double, up to 5 minutes, or 15 where people are needed. */
export function waitAfterRefusal(before: JobWait | null, needsPeople: boolean, now: Date): JobWait {
  const refused = (before?.offers?.refused ?? 0) + 1;
  const most = needsPeople ? longestPauseMs.people : longestPauseMs.passing;
  const pauseMs = Math.min(most, firstPauseMs * 2 ** Math.min(20, refused - 1));
  return {
    since: before?.since ?? now.toISOString(),
    needsPeople,
    offers: { refused, nextAt: new Date(now.getTime() + pauseMs).toISOString() },
    isTold: before?.isTold ?? false,
  };
}

/** False during the pause after a refusal. */
export const isOfferDue = (wait: JobWait | null, now: Date): boolean =>
  wait?.offers == null || now.getTime() >= Date.parse(wait.offers.nextAt);
