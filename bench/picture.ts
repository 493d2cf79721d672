import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { svgSize } from '../src/report/picture/svg.ts';
import { rasterise } from '../src/report/rasterise.ts';
import { treeSvg } from '../src/report/tree-picture.ts';
import { buildCampaignView } from '../test/support/campaign-view.ts';
import type { BenchLine } from './line.ts';

const sizes = [20, 200, 2000];
const rounds = 5;
const run = promisify(execFile);
const here = fileURLToPath(import.meta.url);
const printRss = 'process.stdout.write(String(process.resourceUsage().maxRSS / 1024))';

const round = (value: number, decimals = 1): number => Number(value.toFixed(decimals));

async function medianMs(work: () => unknown): Promise<number> {
  await work();
  const times: number[] = [];
  for (let i = 0; i < rounds; i++) {
    const start = performance.now();
    await work();
    times.push(performance.now() - start);
  }
  return times.sort((a, b) => a - b)[Math.floor(rounds / 2)] ?? Number.NaN;
}

/** One tree size in a process of its own, so that its peak memory is its own. */
async function measure(nodes: number): Promise<void> {
  const view = buildCampaignView({ nodes, seed: 7 });
  const idleMb = process.resourceUsage().maxRSS / 1024;
  const svgMs = await medianMs(() => treeSvg(view));
  const pngMs = await medianMs(() => {
    const svg = treeSvg(view);
    const { width, height } = svgSize(svg);
    return rasterise(svg, width, height);
  });
  process.stdout.write(
    JSON.stringify({ svgMs, pngMs, idleMb, rssMb: process.resourceUsage().maxRSS / 1024 }),
  );
}

/** Time and peak memory of the tree picture; floors are an idle Node, bare and with the TypeScript loader. */
export async function benchPicture(): Promise<BenchLine[]> {
  const loader = ['--import', import.meta.resolve('tsx')];
  const rssMb = async (args: string[]): Promise<number> =>
    Number((await run(process.execPath, [...args, '-e', printRss])).stdout);
  const bareMb = await rssMb([]);
  const loaderMb = await rssMb(loader);
  const line = (name: string, value: number, unit: string): BenchLine => ({
    bench: 'picture',
    case: name,
    value: round(value),
    unit,
  });
  const lines = [line('floor: bare Node', bareMb, 'MB'), line('floor: Node with tsx', loaderMb, 'MB')];
  for (const nodes of sizes) {
    const { stdout } = await run(process.execPath, [...loader, here, '--measure', String(nodes)]);
    const found = JSON.parse(stdout) as { svgMs: number; pngMs: number; idleMb: number; rssMb: number };
    lines.push(
      line(`svg, ${nodes} nodes`, found.svgMs, 'ms'),
      line(`svg and png, ${nodes} nodes`, found.pngMs, 'ms'),
      {
        ...line(`max RSS, ${nodes} nodes`, found.rssMb, 'MB'),
        against: 'bare Node',
        ratio: round(found.rssMb / bareMb, 2),
      },
      line(`RSS before the first picture, ${nodes} nodes`, found.idleMb, 'MB'),
    );
  }
  return lines;
}

if (process.argv[1] === here && process.argv[2] === '--measure') await measure(Number(process.argv[3]));
