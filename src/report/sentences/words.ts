import type { TrainingMethod } from '../../campaign/brief.ts';
import type { Mistake } from '../../campaign/diagnosis.ts';
import { methodNames } from '../../campaign/training-support.ts';
import type { ApprovalView, CampaignView, NodeView, TrialView } from '../../campaign/view.ts';
import { clip, listText, percentText } from '../../lib/text.ts';
import type { MetricName } from '../../scoring/types.ts';
import { oneLine, scoreText } from '../format.ts';
import { progressOf } from '../picture/facts.ts';

/**
 * The sentences of this folder are for the thread, the CLI and the page: plain text, `*bold*` the only mark. Texts of
 * people and models are flattened to one line here; escaping of `&`, `<` and `>` for Slack is the business of `slack/`.
 */

/** Names of metrics as people say them. */
export const metricText: Record<MetricName, string> = {
  exact_match: 'exact match',
  accuracy: 'accuracy',
  token_f1: 'token F1',
  rouge_l: 'ROUGE-L',
  contains: 'contains the answer',
};

/** `full fine-tuning, LoRA and QLoRA` */
export const methodsText = (methods: readonly TrainingMethod[]): string =>
  listText(methods.map((method) => methodNames[method]));

export const metricName = (metric: string): string =>
  Object.hasOwn(metricText, metric) ? metricText[metric as MetricName] : oneLine(metric);

export const strategyText: Record<NodeView['strategy'], string> = {
  establish_baseline: 'establish the baseline',
  refine_data_pipeline: 'refine the data',
  construct_synthetic_data: 'construct synthetic data',
  adjust_training_scheme: 'adjust the training',
};

export const findNode = (view: CampaignView, number: number): NodeView | undefined =>
  view.nodes.find((node) => node.number === number);

export const label = (node: NodeView): string => `#${node.number} ${oneLine(node.title)}`.trimEnd();

/** Trials are counted from 1 in front of people. */
export const trialLabel = (trial: TrialView): string => `trial ${trial.index + 1}`;

export function unknownNode(view: CampaignView, number: number): string {
  const numbers = view.nodes.map((node) => node.number);
  if (numbers.length === 0) return `There is no #${number}: nothing has run yet.`;
  const last = numbers.reduce((most, other) => Math.max(most, other), 0);
  return `There is no #${number} here. The last one is #${last}.`;
}

/** `rejected by Ana`, `code rejected by Ana`; null when nobody rejected it. */
function rejectedText({ approval, codeApproval }: NodeView): string | null {
  const by = (asked: ApprovalView | null): string | null =>
    asked?.state === 'rejected' && asked.decidedBy !== null
      ? `rejected by ${oneLine(asked.decidedBy)}`
      : null;
  const code = by(codeApproval);
  return by(approval) ?? (code === null ? null : `code ${code}`);
}

export function stateText(node: NodeView): string {
  switch (node.state) {
    case 'scored':
      return node.score ? scoreText(node.score) : 'scored';
    case 'running': {
      if (node.waiting) return 'waits on the cluster';
      const progress = progressOf(node);
      return progress === null ? 'running' : `running, ${percentText(progress)}`;
    }
    case 'awaiting_approval':
      return 'waits for a yes';
    case 'failed':
      return 'failed';
    case 'planned':
      return node.codeApproval === null ? 'planned' : 'code approved, its rows come next';
    case 'withdrawn':
      return rejectedText(node) ?? 'withdrawn, never ran';
  }
}

/** `, 4 fixed and 1 new`; empty when nothing is known of the parent. */
const movedText = ({ moved }: Mistake): string =>
  moved === undefined || moved.fixed + moved.broken === 0
    ? ''
    : `, ${moved.fixed} fixed and ${moved.broken} new`;

export function mistakesText(mistakes: readonly Mistake[]): string {
  return mistakes
    .slice(0, 3)
    .map(
      (mistake) =>
        `${oneLine(mistake.kind)} (${mistake.count}${movedText(mistake)}${mistake.example ? `, for example ${clip(oneLine(mistake.example), 80)}` : ''})`,
    )
    .join('; ');
}
