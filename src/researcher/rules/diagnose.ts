import type { Diagnosis, Direction, Mistake } from '../../campaign/diagnosis.ts';
import type { Strategy } from '../../campaign/states.ts';
import { countText } from '../../lib/text.ts';
import { type MistakeKind, mistakeKinds } from '../../scoring/mistakes.ts';
import { byPromptShape } from '../../scoring/prompt-forms.ts';
import type { DiagnosisContext } from '../port.ts';

type Item = DiagnosisContext['failing'][number];

const maxKinds = 6;
const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(3)}`;

/** `31 items, most of them "the 9 of Aa 99"`; the form is left out when no form stands out. */
function where(items: Item[]): string {
  const form = byPromptShape(items.map((i) => ({ prompt: i.prompt, failed: true })))[0];
  const clear = form && items.length >= 3 && form.shareOfFailures >= 0.3;
  return `${countText(items.length, 'item')}${clear ? `, ${form.shareOfFailures > 0.5 ? 'most of them' : 'often'} "${form.form}"` : ''}`;
}

/** `+0.033 (0.012 to 0.055) over #5`, or that the difference is no more than noise. */
export function comparison({ delta, parent }: DiagnosisContext): string | null {
  if (!delta || !parent) return null;
  const name = `#${parent.view.number}`;
  const interval = `${signed(delta.difference)} (${delta.low.toFixed(3)} to ${delta.high.toFixed(3)})`;
  if (delta.pValue >= 0.05) return `No difference to ${name} that can be told from noise: ${interval}`;
  return delta.difference > 0 ? `Better than ${name} by ${interval}` : `Worse than ${name} by ${interval}`;
}

function summarise(context: DiagnosisContext, kinds: MistakeKind[]): string {
  const { fixed, broken, score, node } = context;
  const head = comparison(context) ?? `Scores ${score.value.toFixed(3)} on ${score.n} items`;
  const moved = [
    fixed.length > 0 ? `fixed ${where(fixed)}` : null,
    broken.length > 0 ? `broke ${where(broken)}` : null,
  ].filter((part) => part !== null);
  const first = moved.length > 0 && context.parent ? `${head}; it ${moved.join(' and ')}.` : `${head}.`;
  const top = kinds[0];
  if (!top)
    return node.view.failure
      ? `${first} ${node.view.failure.message}`
      : `${first} No failing item is left to look at.`;
  const total = kinds.reduce((sum, k) => sum + k.count, 0);
  return `${first} Of ${total} mistakes looked at, ${top.count === total ? 'all' : top.count} are of one kind: ${top.kind}.`;
}

type Advice = Pick<Direction, 'text' | 'strategy'>;

const adviceByCode: Partial<Record<MistakeKind['code'], Advice>> = {
  other_form: { text: 'Drop rows whose completion breaks the usual form.', strategy: 'refine_data_pipeline' },
  letter_case: { text: 'Add rows in other letter case and spacing.', strategy: 'construct_synthetic_data' },
  spacing: { text: 'Add rows in other letter case and spacing.', strategy: 'construct_synthetic_data' },
  copied_prompt: { text: 'Drop rows that only copy their prompt.', strategy: 'refine_data_pipeline' },
  wrong_label: { text: 'Even out the labels and drop contradictory rows.', strategy: 'refine_data_pipeline' },
  wrong_span: { text: 'Add rows with the copied parts exchanged.', strategy: 'construct_synthetic_data' },
  one_digit: { text: 'Add rows with the copied parts exchanged.', strategy: 'construct_synthetic_data' },
  one_number: { text: 'Add rows with the copied parts exchanged.', strategy: 'construct_synthetic_data' },
  swapped_fields: {
    text: 'Drop rows that contradict each other about the order of parts.',
    strategy: 'refine_data_pipeline',
  },
  wrong_order: {
    text: 'Drop rows that contradict each other about the order of parts.',
    strategy: 'refine_data_pipeline',
  },
  wrong_content: {
    text: 'Train longer or with smaller batches: the form is learned, the content is not.',
    strategy: 'adjust_training_scheme',
  },
  truncated: { text: 'Train longer: answers stop too early.', strategy: 'adjust_training_scheme' },
  extra_text: {
    text: 'Train longer: the model does not know yet where an answer ends.',
    strategy: 'adjust_training_scheme',
  },
  repeats: { text: 'Lower the learning rate: the model repeats itself.', strategy: 'adjust_training_scheme' },
  empty: { text: 'Train longer: many answers are empty.', strategy: 'adjust_training_scheme' },
};

function directionsFor(context: DiagnosisContext, kinds: MistakeKind[]): Direction[] {
  const { failing, node, score } = context;
  const found: Direction[] = [];
  /** The gain is at most this share of the mistakes. */
  const gainOf = (share: number): Direction['expectedGain'] => ({
    low: 0,
    high: Math.round(share * (1 - score.value) * 1000) / 1000,
  });
  const trial = node.view.trials[node.view.bestTrial ?? -1];
  if (
    trial?.generalLoss != null &&
    trial.baseGeneralLoss != null &&
    trial.generalLoss - trial.baseGeneralLoss > 0.4
  )
    found.push({
      text: `General loss rose from ${trial.baseGeneralLoss.toFixed(2)} to ${trial.generalLoss.toFixed(2)}; a lower rate or LoRA should forget less.`,
      strategy: 'adjust_training_scheme',
      expectedGain: null,
      costRatio: 1,
      refutedBy: 'general loss rises as much',
    });
  const form = byPromptShape(failing.map((i) => ({ prompt: i.prompt, failed: true })))[0];
  if (form && failing.length >= 5 && form.shareOfFailures >= 0.3 && score.value > 0.2)
    found.push({
      text: `${Math.round(form.shareOfFailures * 100)}% of the mistakes are in "${form.form}"; give such prompts more weight or more rows.`,
      strategy: 'refine_data_pipeline',
      expectedGain: gainOf(form.shareOfFailures),
      costRatio: null,
      refutedBy: `as many mistakes in "${form.form}" as before`,
    });
  for (const { code, kind, share } of kinds) {
    const advice = share >= 0.1 ? adviceByCode[code] : undefined;
    if (advice && !found.some((d) => d.text === advice.text))
      found.push({
        ...advice,
        expectedGain: gainOf(share),
        costRatio: null,
        refutedBy: `as many mistakes of this kind as before: ${kind}`,
      });
  }
  if (context.delta && context.delta.difference < 0 && context.delta.pValue < 0.05 && context.parent)
    found.unshift({
      text: `Go back to #${context.parent.view.number} and change something else.`,
      strategy:
        node.view.strategy === 'establish_baseline'
          ? ('adjust_training_scheme' satisfies Strategy)
          : node.view.strategy,
      expectedGain: { low: 0, high: Math.round(-context.delta.difference * 1000) / 1000 },
      costRatio: 1,
      refutedBy: `no better than #${context.parent.view.number} either`,
    });
  return found.slice(0, 3);
}

/** The kinds of mistakes that are left, with how they moved against the parent. */
function countMistakes(context: DiagnosisContext, kinds: MistakeKind[]): Mistake[] {
  const [fixed, broken] = [mistakeKinds(context.fixed), mistakeKinds(context.broken)];
  const of = (found: MistakeKind[], kind: string): number => found.find((k) => k.kind === kind)?.count ?? 0;
  return kinds.slice(0, maxKinds).map(({ kind, count, example }) => ({
    kind,
    count,
    example,
    ...(context.parent === null ? {} : { moved: { fixed: of(fixed, kind), broken: of(broken, kind) } }),
  }));
}

/** Diagnoses a finished node: how it compares, which mistakes are left, and what that suggests. */
export function diagnoseNode(context: DiagnosisContext): Diagnosis {
  const kinds = mistakeKinds(context.failing);
  return {
    summary: summarise(context, kinds),
    mistakes: countMistakes(context, kinds),
    directions: directionsFor(context, kinds),
  };
}
