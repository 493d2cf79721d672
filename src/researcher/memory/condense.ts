import type { Effect } from '../../insight/types.ts';
import { describeRecipe } from '../../recipe/describe.ts';
import { cleanLine } from '../clean-text.ts';
import { estimateTokens } from '../model/tokens.ts';
import type { NodeMemory, ProposalContext } from '../port.ts';

export type MemorySource = Pick<ProposalContext, 'parent' | 'path' | 'siblings' | 'keyNodes' | 'effects'>;

/** Lessons are short and cost the least for what they say: at most this many, those that hold and the largest first. */
const maxLessons = 8;

interface Entry {
  group: number;
  node: NodeMemory;
  /** The same node in more and more detail. */
  lines: [brief: string, more: string, full: string];
}

const groups = [
  (parent: number) => `The way from the untrained model to #${parent}, the root first:`,
  (parent: number) => `Other nodes grown from #${parent}:`,
  () => 'Best nodes of the rest of the tree:',
  () => 'Latest failures of the rest of the tree:',
];

/**
 * M(v) = condense(P(v), S(v), C(T)) of TREX: the way to the node, its children so far, key successes and failures of
 * the whole tree, and lessons. Where there is room, nodes are described in more detail, the nearest first; so the text
 * is about as long at node 10 as at node 10,000 and never above `maxTokens` estimated tokens. Pure.
 */
export function condense(source: MemorySource, maxTokens: number): string {
  const { parent } = source;
  const number = parent.view.number;
  const entries = entriesOf(source);
  const lessons = lessonsOf(source.effects);
  // The order in which room is given: the node itself, what was tried beside it, what worked, the way, what failed.
  const byNeed = [...entries].sort((a, b) => need(a, number) - need(b, number));
  const shown = new Map<Entry, number>();
  const kept: string[] = [];
  const render = (): string => {
    const blocks = groups.flatMap((title, group) => {
      const own = entries.filter((e) => e.group === group && shown.has(e));
      return own.length === 0 ? [] : [title(number), ...own.map((e) => e.lines[shown.get(e) ?? 0])];
    });
    return [...blocks, ...(kept.length > 0 ? ['Lessons, with 95% intervals:', ...kept] : [])].join('\n');
  };
  const fits = (): boolean => estimateTokens(render()) <= maxTokens;
  const tryShow = (entry: Entry, detail: number): void => {
    const before = shown.get(entry);
    shown.set(entry, detail);
    if (fits()) return;
    if (before === undefined) shown.delete(entry);
    else shown.set(entry, before);
  };
  for (const entry of byNeed) tryShow(entry, 0);
  for (const lesson of lessons) {
    kept.push(lesson);
    if (!fits()) kept.pop();
  }
  for (const detail of [1, 2])
    for (const entry of byNeed) if (shown.get(entry) === detail - 1) tryShow(entry, detail);
  return render();
}

function entriesOf({ parent, path, siblings, keyNodes }: MemorySource): Entry[] {
  const seen = new Set<number>();
  const take = (nodes: NodeMemory[], group: (node: NodeMemory) => number): Entry[] =>
    nodes.flatMap((node) => {
      if (seen.has(node.view.number)) return [];
      seen.add(node.view.number);
      return [{ group: group(node), node, lines: linesOf(node) }];
    });
  const way = path.some((n) => n.view.number === parent.view.number) ? path : [...path, parent];
  return [
    ...take(way, () => 0),
    ...take(siblings, () => 1),
    ...take(keyNodes, (n) => (n.view.state === 'failed' ? 3 : 2)),
  ];
}

/** Smallest first: the node itself, then its children, the best, the way from below, failures. */
function need({ group, node }: Entry, parent: number): number {
  if (node.view.number === parent) return 0;
  const base = [3, 1, 2, 4][group] as number;
  // Nearest first on the way; latest first in the other groups.
  return base + 1 / (2 + node.view.number);
}

function linesOf(node: NodeMemory): Entry['lines'] {
  const { view } = node;
  const from = view.parent === null ? '' : ` from #${view.parent}`;
  const brief = `#${view.number}${from}, ${outcomeOf(node)}: ${cleanLine(view.title, 60)}`;
  const changes = [
    ...new Set(view.trials.flatMap((t) => t.changes.map((change) => cleanLine(change, 80)))),
  ].slice(0, 6);
  const trial = view.trials[view.bestTrial ?? 0];
  const how = [
    changes.length > 0 ? `changed ${changes.join(', ')}` : null,
    trial === undefined ? null : `trained ${cleanLine(trial.summary, 80)}`,
    node.expectedSeconds === null ? null : `about ${Math.round(node.expectedSeconds)} s`,
    forgottenOf(node),
    node.recipe === null ? null : `data ${cleanLine(describeRecipe(node.recipe).join('; '), 200)}`,
  ].filter((part) => part !== null);
  const more = how.length === 0 ? brief : `${brief}. ${how.join('; ')}`;
  const { diagnosis } = view;
  const told = [
    view.hypothesis === '' ? null : `Idea: ${cleanLine(view.hypothesis, 240)}`,
    view.failure === null ? null : `Failed: ${cleanLine(view.failure.message, 200)}`,
    diagnosis === null ? null : `Found: ${cleanLine(diagnosis.summary, 300)}`,
    diagnosis === null || diagnosis.mistakes.length === 0
      ? null
      : `Mistakes: ${diagnosis.mistakes
          .slice(0, 4)
          .map((m) => `${m.count} x ${cleanLine(m.kind, 80)}`)
          .join(', ')}`,
    ...(diagnosis?.directions ?? []).slice(0, 3).map((d) => `Suggested: ${cleanLine(d.text, 160)}`),
  ].filter((part) => part !== null);
  return [brief, more, [more, ...told].join('\n  ')];
}

function outcomeOf({ view }: NodeMemory): string {
  if (view.score === null) return view.state.replaceAll('_', ' ');
  const { value, low, high } = view.score;
  const score = `${value.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`;
  if (view.delta === null) return score;
  const { difference, pValue } = view.delta;
  return `${score}, ${difference < 0 ? '' : '+'}${difference.toFixed(3)} over its parent, p ${pValue.toFixed(3)}`;
}

function forgottenOf({ view }: NodeMemory): string | null {
  const trial = view.trials[view.bestTrial ?? 0];
  if (trial?.generalLoss == null || trial.baseGeneralLoss == null) return null;
  return `general loss ${trial.baseGeneralLoss.toFixed(2)} to ${trial.generalLoss.toFixed(2)}`;
}

function lessonsOf(effects: Effect[]): string[] {
  return [...effects]
    .sort(
      (a, b) =>
        Number(b.holds) - Number(a.holds) ||
        Math.abs(b.effect) - Math.abs(a.effect) ||
        (a.factor < b.factor ? -1 : 1),
    )
    .slice(0, maxLessons)
    .map(
      (e) =>
        `${cleanLine(e.factor, 100)}: ${e.effect < 0 ? '' : '+'}${e.effect.toFixed(3)} (${e.low.toFixed(3)} to ${e.high.toFixed(3)}) over ${e.pairs.length} pairs${e.holds ? '' : ', not settled'}`,
    );
}
