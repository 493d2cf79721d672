import type { ApprovalView, NodeView } from '../../campaign/view.ts';
import { costText, oneLine, sentence } from '../format.ts';
import { decidersText, yesesText } from './approval.ts';

/** The parts of a card about code, in order; a null field has no line. */
export interface CodeApprovalText {
  title: string;
  why: string;
  purpose: string;
  /** Verbatim, to be shown whole. */
  code: string;
  /** The permissions of the sandbox, and the extent of an approval. */
  terms: string;
  cost: string;
  yeses: string | null;
  closed: string | null;
}

/** A question about code; null when the approval is about money. */
export function codeApprovalText(node: NodeView, approval: ApprovalView): CodeApprovalText | null {
  const question = approval.code;
  if (question === null) return null;
  const deciders = decidersText(approval);
  const by = deciders === null ? '' : ` by ${deciders}`;
  const at = approval.decidedAt === null ? '' : `, ${approval.decidedAt.slice(11, 16)} UTC`;
  const closed = {
    pending: null,
    approved: `Code approved${by}${at} · for this campaign`,
    rejected: `Rejected${by}${at} · it never ran, and I do not propose it again`,
    withdrawn: 'Withdrawn · it never ran',
  }[approval.state];
  return {
    title: `#${node.number}${closed === null ? ' wants to run code' : ''}: ${oneLine(node.title)}`,
    why: `Why: ${sentence(approval.why)}`,
    purpose: `What the code is for: ${sentence(question.purpose)}`,
    code: question.code,
    terms: `${oneLine(question.terms)} A language model wrote it; a yes is for exactly this code, in this campaign.${closed === null ? ' Nothing of it has run.' : ''}`,
    cost: `Running it costs nothing of the budget. The training after it would cost about ${costText(approval.expected)} with the rows as they are; I price it when the code has run, and ask again if it is above your line.`,
    yeses: closed === null ? yesesText(approval) : null,
    closed,
  };
}
