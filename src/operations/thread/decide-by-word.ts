import type { Command } from '../../campaign/commands/command.ts';
import { isUnderWay } from '../../campaign/states.ts';
import { listApprovals } from '../../store/approvals.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import { listNodes } from '../../store/nodes.ts';
import { findSlot } from '../../store/outbox.ts';
import { decideApproval } from '../approvals/decide-approval.ts';
import type { IncomingMessage } from '../bot.ts';
import type { Context } from '../context.ts';
import { withdrawNode } from '../control/withdraw-node.ts';
import { approvalSlot } from '../say.ts';

/** `approve 12`, `reject`: decides about the card that is meant, if it was there when the message was written. */
export async function decideByWord(
  ctx: Context,
  campaign: CampaignRow,
  command: Extract<Command, { kind: 'approve' | 'reject' }>,
  { ts, user }: IncomingMessage,
): Promise<string | null> {
  const pending = (await listApprovals(ctx.db, campaign.id)).filter((a) => a.state === 'pending');
  const nodes = await listNodes(ctx.db, campaign.id);
  const numberOf = (nodeId: number): number | undefined => nodes.find((n) => n.id === nodeId)?.number;
  const meant =
    command.node === null
      ? pending.length === 1
        ? pending[0]
        : undefined
      : pending.find((a) => numberOf(a.nodeId) === command.node);
  const named = nodes.find((n) => n.number === command.node);
  // `withdraw 9`: a node without an open approval may wait on the cluster.
  if (meant === undefined && command.kind === 'reject' && named !== undefined && isUnderWay(named.state)) {
    const input = { campaignId: campaign.id, node: named.number, user };
    return (await withdrawNode({ ctx, input })).private;
  }
  if (meant === undefined) {
    if (pending.length === 0) {
      const hint =
        command.kind === 'reject' && named !== undefined
          ? ` To grow nothing more from #${command.node}, write \`ban ${command.node}\`.`
          : '';
      return `Nothing waits for a yes or no.${hint}`;
    }
    const names = pending.map((a) => `#${numberOf(a.nodeId)}`).join(', ');
    const asked = command.node === null ? 'Which one?' : `#${command.node} does not wait for a yes or no.`;
    return `${asked} ${names} ${pending.length === 1 ? 'waits' : 'wait'}. Write for example \`approve ${numberOf(pending[0]?.nodeId ?? 0)}\`.`;
  }
  // A message that arrives late, or twice, is never about a question that came up after it was written.
  const card = await findSlot(ctx.db, approvalSlot(meant.id));
  if (card === undefined || card.ts > ts) {
    return `The question about #${numberOf(meant.nodeId)} came up after you wrote that. Look at its card, please, and answer once more.`;
  }
  const decision = command.kind === 'reject' ? 'reject' : command.cheaper ? 'cheaper' : 'approve';
  const reply = await decideApproval({ ctx, input: { approvalId: meant.id, decision, user } });
  const done = {
    approve: 'is approved',
    cheaper: 'is approved in its cheaper version',
    reject: 'is rejected',
  }[decision];
  const number = numberOf(meant.nodeId);
  if (meant.kind === 'code' && reply.private === null)
    return decision === 'reject'
      ? `The code of #${number} is rejected; it never ran, and I do not propose it again.`
      : `The code of #${number} is approved. It runs next, and the training after it.`;
  return reply.private ?? `#${number} ${done}.`;
}
