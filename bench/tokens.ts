import { condense } from '../src/researcher/memory/condense.ts';
import { estimateTokens } from '../src/researcher/model/tokens.ts';
import type { NodeMemory } from '../src/researcher/port.ts';
import { proposePrompt } from '../src/researcher/prompts/propose-prompt.ts';
import { groundFor } from '../src/researcher/steps/accept-proposal.ts';
import { contextOf, type GrownTree, growTree } from '../test/support/model/grown-tree.ts';
import type { BenchLine } from './line.ts';

const sizes = [10, 100, 1000, 10_000];
const seed = 1;
/** The usual limits: of a whole prompt, and of the memory in it. */
const promptTokens = 6000;
const memoryTokens = 1200;
const timings = 20;

/**
 * The history that AIDE (aideml 9643875, `Journal.generate_summary`) puts into every prompt: plan, analysis and metric of
 * all good nodes.
 */
const aideHistory = ({ nodes }: GrownTree): string =>
  nodes
    .filter(({ view }) => view.state === 'scored')
    .map(
      ({ view }) =>
        `Design: ${view.hypothesis}\nResults: ${view.diagnosis?.summary ?? ''}\nValidation Metric: ${view.score?.value}\n`,
    )
    .join('\n-------------------------------\n');

/** All fields of every node of the tree. */
const wholeTree = ({ nodes }: GrownTree): string =>
  JSON.stringify(
    nodes.map(({ view, recipe, training }: NodeMemory) => ({
      number: view.number,
      parent: view.parent,
      state: view.state,
      title: view.title,
      hypothesis: view.hypothesis,
      score: view.score,
      delta: view.delta,
      failure: view.failure?.message,
      diagnosis: view.diagnosis,
      recipe,
      training,
    })),
  );

/** Estimated tokens of the memory and of a whole prompt by the size of the tree, beside two that grow with it. */
export async function benchTokens(): Promise<BenchLine[]> {
  const lines: BenchLine[] = [];
  const at10 = new Map<string, number>();
  const tokens = (name: string, size: number, text: string): BenchLine => {
    const value = estimateTokens(text);
    if (!at10.has(name)) at10.set(name, value);
    return {
      bench: 'tokens',
      case: `${name}, ${size} nodes`,
      value,
      unit: 'tokens',
      against: 'the same at 10 nodes',
      ratio: Number((value / (at10.get(name) as number)).toFixed(2)),
    };
  };
  for (const size of sizes) {
    const tree = growTree(size, seed);
    const context = contextOf(tree, size - 1);
    const ground = groundFor(context);
    if (ground === null) throw new Error('nothing to plan');
    const build = () => proposePrompt(context, ground, promptTokens);
    const { system, user } = build();
    const startedAt = performance.now();
    for (let i = 0; i < timings; i++) build();
    const buildMs = (performance.now() - startedAt) / timings;
    lines.push(
      tokens('memory M(v)', size, condense(context, memoryTokens)),
      tokens('prompt for a round', size, `${system}\n${user}`),
      tokens('history of AIDE', size, aideHistory(tree)),
      tokens('whole tree', size, wholeTree(tree)),
      {
        bench: 'tokens',
        case: `building the prompt, ${size} nodes`,
        value: Number(buildMs.toFixed(2)),
        unit: 'ms',
      },
    );
  }
  return lines;
}
