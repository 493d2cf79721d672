import type { ApprovalView, NodeView } from '../../campaign/view.ts';
import { costText, gainText, limitText, oneLine, sentence } from '../format.ts';
import { metricName } from './words.ts';

/** The lines of an approval card; what is null has no line. */
export interface ApprovalText {
  title: string;
  why: string;
  cost: string;
  expected: string | null;
  changes: string | null;
  cheaper: string | null;
  /** What replaced the buttons; null while it is pending. */
  closed: string | null;
}

export function approvalText(node: NodeView, approval: ApprovalView, metric: string): ApprovalText {
  const limited = approval.budgetLeft.computeSeconds !== null || approval.budgetLeft.usd !== null;
  const left = limited ? ` of the ${limitText(approval.budgetLeft)} left` : '';
  const gain = approval.expectedGain ? `${gainText(approval.expectedGain)} ${metricName(metric)}` : null;
  const refuted = approval.refutedBy ? `would be refuted by: ${oneLine(approval.refutedBy)}` : null;
  const expected =
    gain === null ? sentence(refuted ?? '') : `Expected: ${gain}${refuted === null ? '' : ` · ${refuted}`}`;
  const by = approval.decidedBy === null ? '' : ` by ${oneLine(approval.decidedBy)}`;
  const at = approval.decidedAt !== null ? `, ${approval.decidedAt.slice(11, 16)} UTC` : '';
  const closed = {
    pending: null,
    approved: `Approved${by}${at} · runs up to ${costText(approval.ceiling)}`,
    rejected: `Rejected${by}${at} · nothing spent`,
    withdrawn: 'Withdrawn · nothing spent',
  }[approval.state];
  return {
    title: `#${node.number}${closed === null ? ' needs a yes' : ''}: ${oneLine(node.title)}`,
    why: `Why: ${sentence(approval.why)}`,
    cost: `Cost: about ${costText(approval.expected)} (at most ${costText(approval.ceiling)})${left}`,
    expected: expected === '' ? null : expected,
    changes:
      approval.changes.length === 0
        ? null
        : `Changes from #${node.parent ?? 0}: ${approval.changes.map(oneLine).join(', ')}`,
    cheaper: approval.cheaper
      ? `Cheaper: ${oneLine(approval.cheaper.text)}, about ${costText(approval.cheaper.expected)}`
      : null,
    closed,
  };
}
