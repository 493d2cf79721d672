import type { Rng } from '../../src/lib/rng.ts';

/** Points at which the bot touches the outside. `commit.after` is between a commit and its answer, and so are the others. */
export const points = [
  'query.before',
  'query.after',
  'begin.before',
  'tx.inside',
  'commit.after',
  'chat.before',
  'chat.after',
  'cluster.before',
  'cluster.after',
  'file.before',
  'file.after',
] as const;
export type Point = (typeof points)[number];

/**
 * The fate of a visit to a point. `crash`: the process dies as by kill -9. `pause`: other tasks go first, for seconds.
 * `freeze`: the whole process stops for longer than its leases last. `fail`: the call has no effect and throws. `lose`:
 * it took effect and its answer never came. `limit`: the chat's 429.
 */
export type Fate = 'go' | 'crash' | 'pause' | 'freeze' | 'fail' | 'lose' | 'limit';

/** Frequency of each fate in a thousand visits. A campaign makes about 2,000 visits, most of them queries. */
const perThousand: Record<Point, Partial<Record<Fate, number>>> = {
  'query.before': { crash: 0.6, pause: 4, freeze: 1.5, fail: 0.3 },
  'query.after': { crash: 0.6 },
  'begin.before': { crash: 4, pause: 20, freeze: 4, fail: 2 },
  'tx.inside': { crash: 1 },
  'commit.after': { crash: 12, pause: 20, freeze: 2, lose: 1.5 },
  // Between the request and its effect a process cannot stop for long: the connection would time out. It can stop before
  // the query that proves the lease.
  'chat.before': { crash: 10, pause: 25, fail: 20, limit: 15 },
  'chat.after': { crash: 12, lose: 20 },
  'cluster.before': { crash: 5, pause: 12, fail: 20 },
  'cluster.after': { crash: 20, pause: 12, lose: 25 },
  'file.before': { crash: 12, pause: 10 },
  'file.after': { crash: 12 },
};

const fates: readonly Fate[] = ['crash', 'pause', 'freeze', 'fail', 'lose', 'limit'];

export interface FaultPlan {
  at(point: Point): Fate;
  /** Fates other than `go` so far. */
  count(): number;
  /** Ends all faults. */
  end(): void;
  readonly ended: boolean;
}

/** @param strength factor on the table above: 1 is the table, 0 no faults */
export function createFaultPlan(rng: Rng, strength: number): FaultPlan {
  let count = 0;
  let ended = strength === 0;
  return {
    at: (point) => {
      if (ended) return 'go';
      let draw = (rng.next() * 1000) / strength;
      for (const fate of fates) {
        draw -= perThousand[point][fate] ?? 0;
        if (draw >= 0) continue;
        count++;
        return fate;
      }
      return 'go';
    },
    count: () => count,
    end: () => {
      ended = true;
    },
    get ended() {
      return ended;
    },
  };
}
