import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { asError, TrexError } from '../../src/lib/errors.ts';
import { createRng, type Rng } from '../../src/lib/rng.ts';
import type { SimulationDatabase } from './database.ts';
import { createFaultPlan } from './faults.ts';
import { createInvariants } from './invariants.ts';
import { createSimulatedChat, createSimulatedCluster } from './outside.ts';
import { createRestlessPerson, createSteadyPerson, type Person, type PersonEvent } from './people.ts';
import { createProcess, isSimulated, type LoopName, leaseMs, loopNames, type Process } from './process.ts';
import { createSimulation, type Simulation, type Task } from './simulation.ts';
import { createTinyEngine } from './training.ts';

export interface Outcome {
  seed: number;
  /** The first violation; null when there was none. */
  problem: string | null;
  history: string[];
  /** The tree at the end, as text to compare. */
  tree: string;
  faults: number;
  nodes: number;
  passes: number;
  statements: number;
}

/** The scenario of a seed: even seeds have one slot and are compared with their undisturbed run, odd ones are not. */
interface Scenario {
  slots: number;
  firstId: number;
  steadySeed: number;
  requests: { channel: string; text: string }[];
}

/** One-slot seeds share this many scenarios, so that the undisturbed run of each is played once per process. */
const steadyScenarios = 24;

function chooseScenario(seed: number): Scenario {
  if (seed % 2 === 0) {
    const n = (seed / 2) % steadyScenarios;
    const rng = createRng(7000 + n);
    const ask = rng.pick([
      'no need to ask',
      'ask me above 4 seconds a branch',
      'ask me above 2 seconds a branch',
    ]);
    const text = `teach upper, budget ${4 + rng.int(3)} minutes, at most ${4 + rng.int(3)} experiments, one at a time, ${ask}`;
    return { slots: 1, firstId: 50_000 + n * 97, steadySeed: n, requests: [{ channel: 'C1', text }] };
  }
  const rng = createRng(seed ^ 0x51ed);
  const requests = [{ channel: 'C1', text: wildRequest(rng) }];
  if (rng.next() < 0.35) requests.push({ channel: rng.pick(['C1', 'C2']), text: wildRequest(rng) });
  return { slots: 1 + rng.int(3), firstId: 90_000 + seed * 13, steadySeed: 0, requests };
}

function wildRequest(rng: Rng): string {
  const ask = rng.pick([
    'no need to ask',
    'ask me above 3 seconds a branch',
    'ask me above 2 seconds a branch',
  ]);
  const parallel = rng.pick(['one at a time', '2 at a time', '3 at a time']);
  // Without a budget the bot has to ask for one.
  const budget = rng.next() < 0.2 ? '' : `budget ${2 + rng.int(4)} minutes, `;
  return `teach upper, ${budget}at most ${3 + rng.int(4)} experiments, ${parallel}, ${ask}`;
}

const undisturbed = new Map<number, Outcome>();

/**
 * Plays a seed. The same seed gives the same history, line for line.
 * @param strength of the faults; unset, the seed decides
 */
export async function simulate(
  database: SimulationDatabase,
  seed: number,
  strength?: number,
): Promise<Outcome> {
  const scenario = chooseScenario(seed);
  if (seed % 2 === 1) return play(database, seed, scenario, true, strength);
  const reference = undisturbed.get(scenario.steadySeed) ?? (await play(database, seed, scenario, false));
  undisturbed.set(scenario.steadySeed, reference);
  if (reference.problem !== null) return reference;
  const outcome = await play(database, seed, scenario, true);
  if (outcome.problem === null && outcome.tree !== reference.tree) {
    const problem = `the tree is not that of the undisturbed run\n${difference(reference.tree, outcome.tree)}`;
    return { ...outcome, problem };
  }
  return outcome;
}

async function play(
  database: SimulationDatabase,
  seed: number,
  scenario: Scenario,
  isDisturbed: boolean,
  givenStrength?: number,
): Promise<Outcome> {
  const rng = createRng(seed * 2654435761);
  const statements = database.statements();
  await database.empty();
  const engine = createTinyEngine();
  const isSteady = seed % 2 === 0;
  const drawnStrength = rng.pick([0.5, 1, 2, 4]);
  const strength = isDisturbed ? (givenStrength ?? drawnStrength) : 0;
  const dataDir = mkdtempSync(join(tmpdir(), 'trex-simulation-'));
  const sim = createSimulation({
    rng: createRng(rng.int(2 ** 31)),
    firstId: scenario.firstId,
    database,
    cluster: createSimulatedCluster(engine, scenario.slots),
    chat: createSimulatedChat(),
    engine,
    faults: createFaultPlan(createRng(rng.int(2 ** 31)), strength),
    dataDir,
    slots: scenario.slots,
  });
  const people = createRng(rng.int(2 ** 31));
  const person = isSteady
    ? createSteadyPerson(sim, scenario.requests[0]?.text as string, scenario.steadySeed)
    : createRestlessPerson(sim, people, scenario.requests);
  const player = createPlayer(sim, rng, person, isSteady, isDisturbed);
  try {
    const passes = await player.play();
    const tree = await readTree(database);
    return {
      seed,
      problem: sim.violation(),
      history: sim.history,
      tree,
      faults: sim.faults.count(),
      nodes: tree.split('\n').length,
      passes,
      statements: database.statements() - statements,
    };
  } finally {
    for (const process of sim.processes) process.die();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function createPlayer(sim: Simulation, rng: Rng, person: Person, isSteady: boolean, isDisturbed: boolean) {
  const invariants = createInvariants(sim);
  const events: PersonEvent[] = [];
  const instances = isDisturbed ? rng.pick([1, 2, 2, 3]) : 1;
  let names = 0;
  let rebirths: number[] = [];
  let passes = 0;
  let isQuiet = false;
  let quietChanges = -1;

  const born = (): void => {
    const name = String.fromCharCode(65 + (names % 26)) + (names < 26 ? '' : String(Math.floor(names / 26)));
    names++;
    const skewMs = isDisturbed ? rng.int(20_000) - 10_000 : 0;
    sim.processes.push(createProcess(sim, name, skewMs));
    sim.tell({ name }, `starts, its clock ${skewMs} ms off`);
  };
  const living = (): Process[] => sim.processes.filter((p) => p.alive);
  const moving = (): Process[] => living().filter((p) => p.frozenUntil <= sim.now());

  /** After the last fault one instance is enough; the others stop, some in the middle of a pass. */
  const retire = (): void => {
    for (const process of living().slice(1)) process.die();
    rebirths = living().length === 0 ? [sim.now()] : [];
  };

  const afterStep = async (): Promise<void> => {
    await invariants.check();
    for (const [i, process] of sim.processes.entries()) {
      if (process.alive) continue;
      sim.processes.splice(i, 1);
      for (const task of [...sim.tasks]) if (task.process === process) sim.tasks.delete(task);
      if (!sim.faults.ended) rebirths.push(sim.now() + rng.int(15_000));
    }
  };

  const runLoop = async (process: Process, name: LoopName): Promise<void> => {
    const pass = process.passes.get(name);
    if (pass === undefined || process.busy.has(name) || !process.alive) return;
    process.busy.add(name);
    passes++;
    const before = { changes: sim.database.changes(), faults: sim.faults.count() };
    const task = await sim.begin(process, name, () => pass().finally(() => process.busy.delete(name)));
    if (name === 'campaigns') await noteQuiet(process, task, before);
    await afterStep();
  };

  /** Notes a pass over the campaigns that had the lease, no fault and nothing to do, when all messages are sent. */
  const noteQuiet = async (
    process: Process,
    task: Task,
    before: { changes: number; faults: number },
  ): Promise<void> => {
    const changes = sim.database.changes();
    if (!task.done || changes !== before.changes || sim.faults.count() !== before.faults) return;
    const [row] = await sim.database.read<{ open: number; unsent: number; held: number }>(
      `select (select count(*)::int from job where state <> 'harvested') as open,
        (select count(*)::int from outbox where state in ('pending', 'sending')) as unsent,
        (select count(*)::int from lease where name like 'campaign:%' and owner = $1) as held`,
      [process.name],
    );
    if (row?.open === 0 && row.unsent === 0 && row.held > 0) quietChanges = changes;
  };

  const deliver = async (event: PersonEvent): Promise<void> => {
    const process = rng.pick(moving());
    // Messages are stored together, in one commit: this one would wait for another that is parked.
    const waits = [...sim.tasks].some((task) => task.process === process && task.label === 'message');
    if (event.kind === 'message' && waits) {
      events.push({ ...event, dueAt: sim.now() + 1000 });
      return;
    }
    sim.tell({ name: 'person' }, `${event.label}, to ${process.name}`);
    const task = await sim.begin(process, event.kind, () =>
      event.kind === 'message' ? process.receive(event.message) : process.click(event.key, event.act),
    );
    waiting.push({ task, event });
    await afterStep();
  };
  let waiting: { task: Task; event: PersonEvent }[] = [];
  /** The chat sends a message again that was not acknowledged, and shows people the error of a click. */
  const sendAgain = (): void => {
    waiting = waiting.filter(({ task, event }) => {
      if (!task.done && task.process.alive) return true;
      if (task.error !== null) noteError(task.error);
      if ((!task.done || task.error !== null) && event.kind === 'message') {
        events.push({ ...event, dueAt: sim.now() + 1000 });
      }
      return false;
    });
  };
  const noteError = (error: unknown): void => {
    sim.tell({ name: 'person' }, `is told of an error: ${asError(error).message.split('\n')[0]}`);
    if (!isSimulated(error) && !(error instanceof TrexError)) {
      sim.violate(`an error of ours before a person: ${asError(error).stack ?? ''}`);
    }
  };

  const takeIn = (made: PersonEvent[]): void => {
    for (const one of made) {
      if (sim.faults.ended) {
        events.push(one);
        continue;
      }
      const draw = rng.next();
      if (draw < 0.05) continue; // lost on its way: the person tries again when it has no effect
      const late = draw < 0.3 ? rng.int(6000) : 0;
      events.push({ ...one, dueAt: one.dueAt + late });
      if (draw > 0.8) events.push({ ...one, dueAt: one.dueAt + rng.int(8000) });
    }
  };

  const inboxIsEmpty = async (): Promise<boolean> =>
    (await sim.database.read(`select 1 as one from inbox where state = 'pending' limit 1`)).length === 0;

  const disturbOutside = async (): Promise<void> => {
    if (sim.faults.ended) return;
    const seconds = sim.now() / 1000;
    if (rng.next() < 0.02) {
      sim.trouble.clusterDownUntil = sim.now() + 2000 + rng.int(20_000);
      sim.tell({ name: 'cluster' }, 'is down');
    }
    if (isSteady) return;
    if (rng.next() < 0.01 && sim.processes.length > 0) {
      sim.trouble.archived.add('C2');
    }
    const draw = rng.next();
    const running = draw < 0.03 ? sim.cluster.running(seconds) : [];
    if (running.length === 0) return;
    const key = rng.pick(running);
    if (draw < 0.015) {
      sim.cluster.kill(key, seconds);
      sim.tell({ name: 'cluster' }, `kills ${key}`);
      return;
    }
    // A job that was never acknowledged must not be forgotten: the contract is one run per key for all time.
    const [row] = await sim.database.read<{ state: string }>('select state from job where key = $1', [key]);
    if (row?.state !== 'live') return;
    sim.cluster.forget(key, seconds);
    sim.tell({ name: 'cluster' }, `forgets ${key}`);
  };

  const cycle = async (): Promise<void> => {
    const due = rebirths.filter((at) => at <= sim.now());
    rebirths = rebirths.filter((at) => at > sim.now());
    for (const _ of due) born();
    isQuiet = quietChanges === sim.database.changes();
    if (!isSteady || (waiting.length === 0 && events.length === 0 && (await inboxIsEmpty()))) {
      takeIn(await person.act(isQuiet));
    }
    await disturbOutside();
    await afterStep();

    for (const event of rng.shuffle(events.filter((e) => e.dueAt <= sim.now()))) {
      if (moving().length === 0) break;
      events.splice(events.indexOf(event), 1);
      await deliver(event);
    }
    const turns = rng.shuffle(
      moving().flatMap((process) => [...loopNames, 'messages' as const].map((name) => ({ process, name }))),
    );
    for (const { process, name } of turns) {
      if (!process.alive || process.frozenUntil > sim.now()) continue;
      if (!sim.faults.ended && rng.next() < 0.4) continue;
      await runLoop(process, name);
      for (const task of [...sim.tasks]) {
        if (task.parked.length === 0 || task.process.frozenUntil > sim.now()) continue;
        if (task.heldUntil > sim.now() && rng.next() > 0.25) continue;
        await resume(task);
      }
      if (sim.violation() !== null) return;
    }
    sendAgain();
  };

  const resume = async (task: Task): Promise<void> => {
    sim.tell(task.process, `goes on in ${task.label}`);
    await sim.resume(task);
    await afterStep();
  };

  /** Moves time, and resumes tasks that may not be parked any longer. */
  const passTime = async (wishMs: number): Promise<void> => {
    await sim.advance(wishMs);
    for (const task of [...sim.tasks]) {
      if (!sim.tasks.has(task) || task.parked.length === 0 || task.process.frozenUntil > sim.now()) continue;
      if (task.heldUntil <= sim.now()) await resume(task);
    }
  };

  return {
    play: async (): Promise<number> => {
      for (let i = 0; i < instances; i++) born();
      const disturbedCycles = isDisturbed ? 25 + rng.int(60) : 0;
      for (let i = 0; i < disturbedCycles && sim.violation() === null; i++) {
        await cycle();
        await passTime(200 + rng.int(4500));
      }
      sim.faults.end();
      sim.trouble.clusterDownUntil = 0;
      retire();
      sim.tell({ name: 'world' }, 'from here on nothing is disturbed');
      const calmSince = sim.now();
      let stepMs = 1000;
      let still = 0;
      for (let i = 0; i < 400 && sim.violation() === null; i++) {
        const before = sim.database.changes();
        await cycle();
        // Leases of dead processes have expired by now.
        if (sim.now() > calmSince + 2 * leaseMs) await invariants.checkCalm();
        const next = sim.cluster.nextEnd(sim.now() / 1000);
        const moved =
          sim.database.changes() !== before || next !== null || events.length > 0 || waiting.length > 0;
        still = moved ? 0 : still + 1;
        // People also act in the middle of a run: else no stop would ever meet one.
        const share = rng.next() < 0.25 ? rng.next() : 1;
        const untilEnd = next === null ? 0 : share * (next * 1000 - sim.now()) + 1;
        stepMs = moved ? Math.max(1000, untilEnd) : Math.min(60_000, stepMs * 2);
        // Nine still steps, because the outbox may back off for five minutes.
        if (still >= 9) break;
        await passTime(stepMs);
      }
      if (sim.violation() === null) {
        if (still < 9) sim.violate('it does not come to rest');
        else await invariants.checkEnd();
      }
      return passes;
    },
  };
}

async function readTree(database: SimulationDatabase): Promise<string> {
  const rows = await database.read<{ line: string }>(`
    select '#' || n.number || ' below ' || coalesce(p.number::text, '-') || ' ' || n.state || ' "' || n.title || '" score ' ||
      coalesce(n.score->>'value', '-') || ' trials ' || coalesce((select string_agg(t.purpose || ' ' || t.state || ' ' ||
        left(t.spec_hash, 12), ', ' order by t.index) from trial t where t.node_id = n.id), '') as line
    from node n left join node p on p.id = n.parent_id order by n.campaign_id, n.number`);
  const ends = await database.read<{ line: string }>(`
    select state || ' winner ' || coalesce(final->>'winner', '-') || ' test ' || coalesce(final->'bestTest'->>'value', '-') as line
    from campaign order by id`);
  return [...rows, ...ends].map((r) => r.line).join('\n');
}

function difference(expected: string, actual: string): string {
  const [a, b] = [expected.split('\n'), actual.split('\n')];
  const lines: string[] = [];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    if (a[i] !== b[i])
      lines.push(`  undisturbed: ${a[i] ?? '(nothing)'}`, `  disturbed:   ${b[i] ?? '(nothing)'}`);
  }
  return lines.join('\n');
}
