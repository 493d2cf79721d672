import type { ApprovalView, NodeView } from '../../campaign/view.ts';
import { listText } from '../../lib/text.ts';
import { costText, estimateText, gainText, limitText, oneLine, sentence } from '../format.ts';
import { metricName } from './words.ts';

/** The lines of an approval card; a null field has no line. */
export interface ApprovalText {
  title: string;
  why: string;
  cost: string;
  expected: string | null;
  changes: string | null;
  cheaper: string | null;
  /** Who has approved while one more approval is needed. */
  yeses: string | null;
  /** The outcome that replaced the buttons; null while it is pending. */
  closed: string | null;
}

export function approvalText(node: NodeView, approval: ApprovalView, metric: string): ApprovalText {
  const limited = approval.budgetLeft.computeSeconds !== null || approval.budgetLeft.usd !== null;
  const left = limited ? ` of the ${limitText(approval.budgetLeft)} left` : '';
  const gain = approval.expectedGain ? `${gainText(approval.expectedGain)} ${metricName(metric)}` : null;
  const refuted = approval.refutedBy ? `would be refuted by: ${oneLine(approval.refutedBy)}` : null;
  const expected =
    gain === null
      ? sentence(refuted ?? '').replace(/^w/, 'W')
      : `Expected: ${gain}${refuted === null ? '' : ` · ${refuted}`}`;
  const deciders = decidersText(approval);
  const by = deciders === null ? '' : ` by ${deciders}`;
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
    cost: `Cost: ${estimateText(approval)}${left}`,
    expected: expected === '' ? null : expected,
    changes:
      approval.changes.length === 0
        ? null
        : `Changes from #${node.parent ?? 0}: ${approval.changes.map(oneLine).join(', ')}`,
    cheaper: approval.cheaper
      ? `Cheaper: ${oneLine(approval.cheaper.text)}, ${estimateText(approval.cheaper)}`
      : null,
    yeses: closed === null ? yesesText(approval) : null,
    closed,
  };
}

/** Everybody whose decision counted: `Ana and Ben`; null while there is none. */
export function decidersText(approval: ApprovalView): string | null {
  if (approval.decidedBy === null) return null;
  const yeses = approval.state === 'approved' ? approval.yeses.map((yes) => oneLine(yes.by)) : [];
  return yeses.length > 1 ? listText(yeses) : oneLine(approval.decidedBy);
}

/** Who has approved while one more approval is needed; null when there is nothing to say. */
export function yesesText({ yeses, yesesNeeded }: ApprovalView): string | null {
  const lines = [false, true].flatMap((cheaper) => {
    const names = yeses.filter((yes) => yes.cheaper === cheaper).map((yes) => oneLine(yes.by));
    const what = cheaper ? 'The cheaper one approved' : 'Approved';
    return names.length === 0 ? [] : [`${what} by ${listText(names)}; one more yes is needed.`];
  });
  if (lines.length > 0) return lines.join(' ');
  return yesesNeeded === 2 ? 'Two people have to say yes.' : null;
}
