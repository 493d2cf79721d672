import { cleanLine } from '../clean-text.ts';
import type { DiagnosisContext, NodeMemory } from '../port.ts';
import { data, fencePrompt } from './fence.ts';
import { itemLine } from './item-text.ts';
import { fitLines, withinTokens } from './share-out.ts';

const instructions = `You read what a fine-tuned model gets wrong and say what to try next. You see search items only; they are not training data.

- Sort the numbered failing items into at most 6 kinds of mistakes, the most frequent first. A kind says what is wrong in a few words, such as "day and month are swapped", never quotes an item and never names "items like number 7". Give the numbers of its failing items, each under one kind, and of the fixed items (what the parent answered was this mistake). An item marked new was right in the parent.
- Summary: at most three sentences: which kinds are left, how they moved against the parent and the other children, and what of the node explains it. Tell what the numbers show from what you guess.
- Directions: at most three, the most promising first. Each says what to change in the recipe or the training, its strategy (refine_data_pipeline, construct_synthetic_data or adjust_training_scheme), an honest interval for the gain on the metric (or null), the compute against this node (1 is the same; null when unknown), and what result would refute it. No direction may ask for the evaluation items themselves as training data.`;

const shares = { node: 0.14, relatives: 0.2, failing: 0.44, fixed: 0.18 };

/** The failing and fixed items that a prompt shows, in the order of their numbers from 1 on. */
export interface ShownItems {
  failing: DiagnosisContext['failing'];
  fixed: DiagnosisContext['fixed'];
}

/** The prompt about a finished node, at most `mostTokens` estimated tokens. Pure. */
export function diagnosePrompt(
  context: DiagnosisContext,
  maxTokens: number,
): { system: string; user: string; shown: ShownItems } {
  const { node, parent, siblings, failing, fixed, broken, score } = context;
  const isNew = new Set(broken.map((item) => item.prompt));
  let shown: ShownItems = { failing: [], fixed: [] };
  const prompt = withinTokens(maxTokens, shares, (limits) => {
    const wrong = fitLines(
      failing.map((item, i) => `${i + 1}${isNew.has(item.prompt) ? ' new' : ''} ${itemLine(item)}`),
      limits.failing,
    );
    const right = fitLines(
      fixed.map((item, i) => `${i + 1} ${itemLine(item)}`),
      limits.fixed,
    );
    shown = { failing: failing.slice(0, linesOf(wrong)), fixed: fixed.slice(0, linesOf(right)) };
    const { text, rule } = fencePrompt([
      `Node #${node.view.number} scores ${score.value.toFixed(3)} (${score.low.toFixed(3)} to ${score.high.toFixed(3)}) on ${score.n} search items.`,
      data('the node', fitLines(aboutNode(node), limits.node), 10_000),
      parent === null
        ? 'It is the root: there is no parent.'
        : `Its parent #${parent.view.number}, and the parent's other children:`,
      data(
        'relatives',
        fitLines(
          [...(parent === null ? [] : [parent]), ...siblings].flatMap(aboutRelative),
          limits.relatives,
        ),
        20_000,
      ),
      `${failing.length} failing items were looked at. The first ${shown.failing.length}:`,
      data('failing items', wrong, 40_000),
      `Items that the parent failed and this node has right, with what the parent answered. The first ${shown.fixed.length} of ${fixed.length}:`,
      data('fixed items', right, 40_000),
      `Diagnose #${node.view.number}.`,
    ]);
    return { system: `${instructions}\n\n${rule}`, user: text };
  });
  return { ...prompt, shown };
}

const linesOf = (text: string): number => (text === '' ? 0 : text.split('\n').length);

function aboutNode({ view }: NodeMemory): string[] {
  const trial = view.trials[view.bestTrial ?? 0];
  return [
    `title: ${cleanLine(view.title, 60)}`,
    `idea: ${cleanLine(view.hypothesis, 400)}`,
    ...(view.delta === null
      ? []
      : [
          `against the parent: ${view.delta.difference.toFixed(3)} (${view.delta.low.toFixed(3)} to ${view.delta.high.toFixed(3)}), p ${view.delta.pValue.toFixed(3)}`,
        ]),
    ...(trial === undefined
      ? []
      : [
          `training: ${cleanLine(trial.summary, 120)}`,
          `changed: ${cleanLine(trial.changes.join('; '), 300)}`,
        ]),
    ...(trial?.generalLoss == null || trial.baseGeneralLoss == null
      ? []
      : [`general loss: ${trial.baseGeneralLoss.toFixed(2)} before, ${trial.generalLoss.toFixed(2)} after`]),
  ];
}

function aboutRelative({ view }: NodeMemory): string[] {
  if (view.score === null) return [];
  const mistakes = (view.diagnosis?.mistakes ?? []).map((m) => `${m.count} x ${cleanLine(m.kind, 80)}`);
  return [
    `#${view.number} ${view.score.value.toFixed(3)}: ${cleanLine(view.title, 60)}${mistakes.length > 0 ? `. Mistakes: ${mistakes.join(', ')}` : ''}`,
  ];
}
