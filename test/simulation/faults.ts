import type { Rng } from '../../src/lib/rng.ts';

/** Where the bot touches the outside. `commit.after` is the moment between a commit and its answer; so are the others. */
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
 * What happens there. `crash`: the process dies as by kill -9. `pause`: something else goes first, for seconds.
 * `freeze`: the whole process stands still, longer than its leases last. `fail`: the call has no effect and says so.
 * `lose`: it took effect and its answer never came. `limit`: the chat's 429.
 */
export type Fate = 'go' | 'crash' | 'pause' | 'freeze' | 'fail' | 'lose' | 'limit';

/** Chance of each fate in a thousand visits. A campaign makes about 2,000 visits, most of them queries. */
const perThousand: Record<Point, Partial<Record<Fate, number>>> = {
  'query.before': { crash: 0.6, pause: 4, freeze: 1.5, fail: 0.3 },
  'query.after': { crash: 0.6 },
  'begin.before': { crash: 4, pause: 20, freeze: 4, fail: 2 },
  'tx.inside': { crash: 1 },
  'commit.after': { crash: 12, pause: 20, freeze: 2, lose: 1.5 },
  // Between the request and its effect a process cannot stand still for long: the connection would time out. Before
  // it, it can: that is the query that proves the lease.
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
  /** From here on everything works. */
  end(): void;
  readonly ended: boolean;
}

/** @param strength 1 is the table above, 0 never anything */
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
