import { parseArgs } from 'node:util';
import { type BenchLine, buildTable } from './line.ts';

const benches: Record<string, { about: string; run: () => Promise<BenchLine[]> }> = {
  nano: {
    about: 'training and decoding speed of the embedded engine against plain JavaScript; 30 s',
    run: async () => (await import('./nano.ts')).benchNano(),
  },
  prices: {
    about: 'how many real runs of the embedded engine end inside of the band told before each; 3 min',
    run: async () => (await import('./prices.ts')).benchPrices(),
  },
  recipe: {
    about: 'reading a 50 MB file against JSON.parse, and the dearest recipe steps; 30 s',
    run: async () => (await import('./recipe.ts')).benchRecipe(),
  },
  picture: {
    about: 'time and memory of the tree picture against a Node that does nothing; 10 s',
    run: async () => (await import('./picture.ts')).benchPicture(),
  },
  ack: {
    about: 'acknowledging a stored event against a bare Bolt that stores nothing; 50 s',
    run: async () => (await import('./ack.ts')).benchAck(),
  },
  restart: {
    about: 'a campaign of 500 rounds until it moves again after a restart, and its bytes; 2 min',
    run: async () => (await import('./restart.ts')).benchRestart(),
  },
  outbox: {
    about: 'messages through the outbox against bare calls of the same chat; 30 s',
    run: async () => (await import('./outbox.ts')).benchOutbox(),
  },
  tokens: {
    about:
      'tokens of the Researcher’s memory and prompt by the size of the tree, beside two that grow with it; 5 s',
    run: async () => (await import('./tokens.ts')).benchTokens(),
  },
  cluster: {
    about: 'submitting to and polling a real Slurm against plain sbatch and squeue; 4 min, root and Slurm',
    run: async () => (await import('./cluster.ts')).benchCluster(),
  },
};

const { values, positionals } = parseArgs({
  options: { json: { type: 'boolean', default: false } },
  allowPositionals: true,
});
const names = Object.keys(benches);
const unknown = positionals.filter((name) => !names.includes(name));

if (positionals.length === 0 || unknown.length > 0) {
  for (const name of unknown) console.error(`There is no benchmark "${name}".`);
  console.log('npm run --silent bench -- NAME [--json]');
  for (const name of names) console.log(`  ${name.padEnd(8)} ${benches[name]?.about}`);
  process.exitCode = unknown.length > 0 ? 2 : 0;
}

if (unknown.length === 0) {
  for (const name of positionals) {
    const lines = (await benches[name]?.run()) ?? [];
    if (values.json) for (const line of lines) console.log(JSON.stringify(line));
    else console.log(buildTable(lines));
  }
}
