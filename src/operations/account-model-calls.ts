import type { ThinkingPurpose } from '../campaign/thinking.ts';
import type { Thinking } from '../researcher/port.ts';
import type { CampaignRow } from '../store/campaigns.ts';
import { insertThinkingCall, lastAnsweredCall, thinkingTotals } from '../store/thinking-calls.ts';
import type { Context } from './context.ts';
import { say } from './say.ts';

/**
 * The account of one step's model calls: every call becomes a row, and when the rules take over, the thread says so
 * once until the model answers again.
 * @param node number of the node it is about; null before there is one
 */
export function accountModelCalls(ctx: Context, campaign: CampaignRow, node: number | null): Thinking {
  const { db, clock } = ctx;
  return {
    spent: () => thinkingTotals(db, campaign.id),
    record: (call) => insertThinkingCall(db, { ...call, campaignId: campaign.id, node, at: clock.now() }),
    fellBack: async (purpose, code, reason) => {
      const isCap = code === 'cap_reached';
      const streak = isCap ? 'cap' : ((await lastAnsweredCall(db, campaign.id)) ?? 'none');
      const text = isCap
        ? 'The limit for thinking in this campaign is reached. From here on the rules plan and explain the nodes; no language model is asked any more.'
        : `The language model gave no usable answer (${reason}); the rules ${done(purpose, node)}. They stand in for it until it answers again.`;
      await say(db, campaign, {
        key: `thinking:${streak}`,
        payload: { kind: 'text', text },
        at: clock.now(),
      });
    },
  };
}

function done(purpose: ThinkingPurpose, node: number | null): string {
  switch (purpose) {
    case 'intake':
      return 'read this message';
    case 'propose':
      return `planned node #${node}`;
    case 'diagnose':
      return `explained node #${node}`;
    case 'listen':
      return 'read this message';
    case 'answer':
      return 'answered this question';
  }
}
