/** Why a job does not run yet, as its row remembers it. */
export interface JobWait {
  /** ISO 8601. */
  since: string;
  /** It does not end by itself: people change something on the cluster, or give the job up. */
  needsPeople: boolean;
  /** Times that the cluster turned it away, and when (ISO 8601) it is offered again; null in the cluster's queue. */
  offers: { refused: number; nextAt: string } | null;
  /** The thread knows. */
  isTold: boolean;
}

/** Seconds of waiting after which the thread hears of it, once a job. */
export const waitsBeforeWord = {
  /** What never ends by itself. Two minutes, since a scheduler changes its mind within the first. */
  people: 120,
  /** Turned away, for what may pass. */
  offers: 600,
  /** In a queue that moves. */
  queue: 2700,
};

/** Is it time for a word in the thread? */
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

/** After the cluster has turned the job away once more: pauses double, up to 5 minutes, or 15 where people are needed. */
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
