import type { SummaryCampaign } from '../campaign/messages.ts';
import { noThinking, type ThinkingTotals } from '../campaign/thinking.ts';
import type { CampaignView } from '../campaign/view.ts';
import { durationText, moneyText, spendText, thinkingText } from './format.ts';
import { findNode } from './sentences/words.ts';

/** The numbers of one campaign since a moment: nodes that ended after it are counted, the rest is the current state. */
export function summariseCampaign(
  view: CampaignView,
  since: Date,
  bestBefore: number | null,
): SummaryCampaign {
  const startedAt = view.startedAt === null ? 0 : Date.parse(view.startedAt);
  const isNew = (after: number | null): boolean =>
    after !== null && startedAt + after * 1000 > since.getTime();
  const ended = view.nodes.filter((n) => isNew(n.finishedAfterSeconds));
  const count = (state: string): number => ended.filter((n) => n.state === state).length;
  const best = view.best === null ? null : (findNode(view, view.best)?.score ?? null);
  const baseline = view.nodes.find((n) => n.parent === null)?.score ?? null;
  return {
    campaignId: view.id,
    title: view.title,
    state: view.paused ? (view.heldBecause ?? 'paused') : view.state,
    done: count('scored'),
    failed: count('failed'),
    withdrawn: count('withdrawn'),
    best:
      best === null
        ? null
        : {
            value: best.value,
            low: best.low,
            high: best.high,
            sinceYesterday: bestBefore === null ? null : best.value - bestBefore,
            overBaseline: baseline === null || view.best === 0 ? null : best.value - baseline.value,
          },
    spentText: spendText(view.budget.spent, view.budget.limit),
    waiting: view.nodes.filter((n) => n.state === 'awaiting_approval').map((n) => `#${n.number} ${n.title}`),
  };
}

/** The spending of all campaigns of a channel, and how long the money lasts at the pace so far. */
export function summaryTotals(views: readonly CampaignView[], now: Date): string {
  if (views.length === 0) return '';
  const spentSeconds = views.reduce((sum, v) => sum + v.budget.spent.computeSeconds, 0);
  const spentUsd = views.reduce((sum, v) => sum + v.budget.spent.usd, 0);
  const spent = `Spent ${durationText(spentSeconds)} of compute${spentUsd > 0 ? ` (${moneyText(spentUsd)})` : ''} so far.`;
  const thinking = addThinking(views);
  const thought = thinking.calls === 0 ? '' : ` Thinking: ${thinkingText(thinking)}.`;
  const open = views.filter((v) => v.finishedAt === null && v.startedAt !== null);
  const left = open.reduce((sum, v) => {
    const limit = v.budget.limit.computeSeconds;
    return limit === null ? sum : sum + Math.max(0, limit - v.budget.spent.computeSeconds);
  }, 0);
  const elapsed = Math.max(0, ...open.map((v) => now.getTime() - Date.parse(v.startedAt as string))) / 1000;
  const openSpent = open.reduce((sum, v) => sum + v.budget.spent.computeSeconds, 0);
  if (left <= 0 || openSpent <= 0 || elapsed <= 0) return `${spent}${thought}`;
  return `${spent}${thought} At this rate the rest lasts ${durationText(left / (openSpent / elapsed))}.`;
}

const addThinking = (views: readonly CampaignView[]): ThinkingTotals =>
  views.reduce(
    (sum, { thinking }) => ({
      calls: sum.calls + thinking.calls,
      inputTokens: sum.inputTokens + thinking.inputTokens,
      outputTokens: sum.outputTokens + thinking.outputTokens,
      usd: sum.usd + thinking.usd,
      unpricedCalls: sum.unpricedCalls + thinking.unpricedCalls,
    }),
    noThinking,
  );
