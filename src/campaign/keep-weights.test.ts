import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type KeepPolicy, parseKeepPolicy } from '../lib/parse/keep-policy.ts';
import { type KeepFacts, type LargeFiles, removableFiles, type TrainedRun } from './keep-weights.ts';
import type { CampaignState } from './states.ts';

const run = (key: string, round: number, over: Partial<TrainedRun> = {}): TrainedRun => ({
  ...{ key, round, isHarvested: true, isTrialOver: true, isNodeOver: true },
  ...{ isBest: true, isRepeat: false, isAwaited: false },
  ...over,
});
const facts = (over: Partial<KeepFacts> = {}): KeepFacts => ({
  ...{ isOpen: true, finalists: [], best: null, results: [] },
  ...over,
});
const nothing: KeepPolicy = { best: false, finalists: false, last: 0 };
const removed = (policy: KeepPolicy, about: KeepFacts, runs: TrainedRun[], what: LargeFiles = 'weights') =>
  removableFiles(policy, about, runs).flatMap((row) => (row.what === what ? [row.key] : []));

describe('weights go', () => {
  test('when nobody needs them and the policy does not keep them', () => {
    const runs = [run('a', 1), run('b', 2), run('c', 3), run('d', 4)];
    expect(removed(nothing, facts({ best: 2, finalists: [2, 3] }), runs)).toEqual(['a', 'd']);
    expect(removed({ ...nothing, last: 2 }, facts({ best: 2, finalists: [2] }), runs)).toEqual(['a']);
    expect(removed('all', facts(), runs)).toEqual([]);
  });

  test('not before the results are read, the round is over, or another attempt can no longer come', () => {
    for (const open of ['isHarvested', 'isTrialOver', 'isNodeOver'] as const) {
      expect(removableFiles(nothing, facts(), [run('a', 1, { [open]: false })]), open).toEqual([]);
    }
  });

  test('not while a job predicts with them or somebody ships them', () => {
    expect(removed(nothing, facts(), [run('a', 1, { isAwaited: true })])).toEqual([]);
  });

  test('of the other trials of a round and of repeats, whatever the policy', () => {
    const runs = [
      run('a', 1),
      run('b', 1, { isBest: false }),
      run('c', 1, { isBest: false, isRepeat: true }),
    ];
    const policy = { best: true, finalists: true, last: 5 };
    expect(removed(policy, facts({ best: 1, finalists: [1] }), runs)).toEqual(['b', 'c']);
  });

  test('at the end of all but the winner, and of those that are configured', () => {
    const runs = [run('a', 1), run('b', 2), run('c', 3), run('d', 4)];
    const end = facts({ isOpen: false, best: 2, finalists: [2, 3], results: [3] });
    expect(removed(nothing, end, runs)).toEqual(['a', 'b', 'd']);
    expect(removed({ ...nothing, best: true }, end, runs)).toEqual(['a', 'd']);
    expect(removed({ ...nothing, finalists: true }, end, runs)).toEqual(['a', 'd']);
    expect(removed({ ...nothing, last: 1 }, end, runs)).toEqual(['a', 'b']);
  });

  test('checkpoints as soon as no further attempt can come, also of the best', () => {
    const runs = [run('a', 1, { isBest: false }), run('b', 1)];
    expect(removed(nothing, facts({ best: 1, finalists: [1] }), runs, 'checkpoints')).toEqual(['a', 'b']);
  });
});

test('the policy is a list of few words, and anything else is refused', () => {
  expect(parseKeepPolicy('best, finalists, last:3')).toEqual({ best: true, finalists: true, last: 3 });
  expect(parseKeepPolicy(' LAST: 2 ')).toEqual({ best: false, finalists: false, last: 2 });
  expect(parseKeepPolicy('winner')).toEqual(nothing);
  expect(parseKeepPolicy('all')).toBe('all');
  for (const wrong of ['', 'all, best', 'last', 'last:-1', 'last:1.5', 'everything', 'best;last:3', 'best,'])
    expect(parseKeepPolicy(wrong), wrong).toBeNull();
});

/**
 * A campaign as far as large files go: rounds of trials whose runs end in any order, some lost and run again, scores that
 * no evidence can always tell apart, an end at any moment, and the policy applied at any moment between.
 */
interface Play {
  policy: KeepPolicy;
  /** The next event; read as a choice among those that can happen. */
  choices: number[];
}

interface Job {
  key: string;
  round: number;
  trial: number;
  attempt: number;
  isRepeat: boolean;
  isHarvested: boolean;
  score: number | null;
}

class Campaign {
  state: CampaignState = 'searching';
  jobs: Job[] = [];
  winner: number | null = null;
  tested: string | null = null;
  gone = new Set<string>();
  choices: number[];
  policy: KeepPolicy;

  constructor({ policy, choices }: Play) {
    this.policy = policy;
    this.choices = choices;
  }

  pick(most: number): number {
    return (this.choices.shift() ?? 0) % most;
  }

  attempts = (job: Job): Job[] =>
    this.jobs.filter((j) => j.round === job.round && j.trial === job.trial && j.isRepeat === job.isRepeat);
  isTrialOver = (job: Job): boolean => this.attempts(job).every((j) => j.isHarvested);
  isNodeOver = (round: number): boolean =>
    this.jobs.filter((j) => j.round === round && !j.isRepeat).every((j) => j.isHarvested);
  bestOf = (round: number): Job | undefined =>
    this.jobs
      .filter((j) => j.round === round && !j.isRepeat && j.score !== null)
      .sort((a, b) => (b.score ?? 0) - (a.score ?? 0))[0];
  rounds = (): number[] => [...new Set(this.jobs.map((j) => j.round))];
  has = (key: string, what: LargeFiles): boolean => !this.gone.has(`${what} ${key}`);

  ranked(): Job[] {
    return this.rounds()
      .filter((round) => this.isNodeOver(round))
      .flatMap((round) => this.bestOf(round) ?? [])
      .sort((a, b) => (b.score ?? 0) - (a.score ?? 0));
  }

  /** As the bot picks them: near enough to the best, and with weights. Nearness is no order: it is drawn for each pair. */
  finalists(): Job[] {
    const there = this.ranked().filter((job) => this.has(job.key, 'weights'));
    const [best, ...rest] = there;
    if (best === undefined) return [];
    const isNear = (job: Job): boolean => (job.round * 7 + best.round * 13) % 3 !== 0;
    return [best, ...rest.filter(isNear).slice(0, 1)];
  }

  applyPolicy(): void {
    const finalists = [
      ...(this.state === 'searching' || this.state === 'confirming' ? this.finalists() : []),
      ...this.jobs.filter((j) => j.isRepeat),
    ].map((j) => j.round);
    const about = {
      isOpen: this.state === 'searching' || this.state === 'confirming',
      finalists,
      best: this.ranked()[0]?.round ?? null,
      results: this.winner === null ? [] : [this.winner],
    };
    const runs = this.jobs.map(
      (job): TrainedRun => ({
        ...{ key: job.key, round: job.round, isHarvested: job.isHarvested, isRepeat: job.isRepeat },
        isTrialOver: this.isTrialOver(job),
        isNodeOver: this.isNodeOver(job.round),
        isBest: this.isNodeOver(job.round) && this.bestOf(job.round)?.key === job.key,
        isAwaited: this.tested === job.key,
      }),
    );
    const mayWin = this.state === 'searching' || this.state === 'confirming' ? this.finalists() : [];
    for (const { key, what } of removableFiles(this.policy, about, runs)) this.gone.add(`${what} ${key}`);
    for (const { key } of mayWin) expect(this.has(key, 'weights'), `${key} may win`).toBe(true);
  }

  addJob(round: number, trial: number, attempt: number, isRepeat: boolean): void {
    const key = `n${round}-t${trial}-a${attempt}${isRepeat ? '-repeat' : ''}`;
    this.jobs.push({ key, round, trial, attempt, isRepeat, isHarvested: false, score: null });
  }

  harvest(): void {
    const open = this.jobs.filter((j) => !j.isHarvested);
    const job = open[this.pick(open.length)];
    if (job === undefined) return;
    // A later attempt goes on from the checkpoints of the earlier ones, whenever it begins.
    for (const earlier of this.attempts(job).filter((j) => j.attempt < job.attempt))
      expect(this.has(earlier.key, 'checkpoints'), `${job.key} goes on from ${earlier.key}`).toBe(true);
    const fate = this.pick(5);
    // In one step, as in the bot: read, paid, and perhaps submitted again.
    if (fate === 0 && job.attempt < 3) this.addJob(job.round, job.trial, job.attempt + 1, job.isRepeat);
    else if (fate > 1) job.score = this.pick(1000) / 1000;
    job.isHarvested = true;
  }

  step(): void {
    const what = this.pick(6);
    if (what === 0) this.applyPolicy();
    else if (this.state === 'searching') {
      const isIdle = this.jobs.every((j) => j.isHarvested);
      if (what < 3) {
        const round = this.rounds().length + 1;
        for (let trial = 0; trial <= this.pick(3); trial++) this.addJob(round, trial, 1, false);
      } else if (what === 5 && isIdle && this.pick(3) === 0)
        this.state = this.pick(4) === 0 ? 'stopped' : 'confirming';
      else this.harvest();
    } else if (this.state === 'confirming') {
      const candidates = this.finalists();
      if (candidates.length === 0) this.state = 'failed';
      else if (this.tested !== null) {
        expect(this.has(this.tested, 'weights'), `the test needs ${this.tested}`).toBe(true);
        if (what > 2) {
          this.winner = this.jobs.find((j) => j.key === this.tested)?.round ?? null;
          this.tested = null;
          this.state = 'finished';
        }
      } else if (this.jobs.some((j) => !j.isHarvested)) this.harvest();
      else if (this.jobs.filter((j) => j.isRepeat).length < 2 && what > 2)
        this.addJob(candidates[this.pick(candidates.length)]?.round ?? 0, 99 + this.jobs.length, 1, true);
      else {
        const winner = candidates[this.pick(candidates.length)] as Job;
        expect(this.has(winner.key, 'weights'), `${winner.key} wins`).toBe(true);
        this.tested = winner.key;
      }
    }
  }
}

test('no schedule of events removes what a later step needs, and at the end little is left', () => {
  const policies = fc.oneof(
    fc.record({ best: fc.boolean(), finalists: fc.boolean(), last: fc.integer({ min: 0, max: 3 }) }),
    fc.constant<KeepPolicy>('all'),
  );
  const choices = fc.array(fc.nat(9999), { minLength: 40, maxLength: 250 });
  const ends = new Map<string, number>();
  fc.assert(
    fc.property(policies, choices, (policy, drawn) => {
      const campaign = new Campaign({ policy, choices: [...drawn] });
      while (campaign.choices.length > 0) campaign.step();
      ends.set(campaign.state, (ends.get(campaign.state) ?? 0) + 1);
      // The best so far is there at every moment, whatever else went.
      const best = campaign.ranked()[0];
      if (best !== undefined && (campaign.state === 'searching' || campaign.state === 'confirming'))
        expect(campaign.has(best.key, 'weights')).toBe(true);
      if (campaign.state !== 'finished') return;
      campaign.applyPolicy();
      const left = campaign.jobs.filter((j) => j.isHarvested && campaign.has(j.key, 'weights'));
      expect(left.some((j) => j.round === campaign.winner && !j.isRepeat)).toBe(true);
      if (policy === 'all') return;
      const repeated = new Set(campaign.jobs.filter((j) => j.isRepeat).map((j) => j.round));
      const most = 1 + (policy.best ? 1 : 0) + (policy.finalists ? repeated.size : 0) + policy.last;
      expect(left.length).toBeLessThanOrEqual(most);
      expect(campaign.jobs.filter((j) => campaign.has(j.key, 'checkpoints'))).toEqual([]);
    }),
    { numRuns: 2000, seed: 5 },
  );
  expect(ends.get('finished')).toBeGreaterThan(80);
});
