import type { Brief, Cost, CostLimit } from '../../campaign/brief.ts';
import { addCost, addLimit, costOf, missingFor } from '../../campaign/cost.ts';
import { priceOf } from '../../campaign/price.ts';
import { raiseSteps } from '../../campaign/raises.ts';
import { isFinalCampaign } from '../../campaign/states.ts';
import { formatDeadline } from '../../lib/parse/zoned-time.ts';
import { countText, listText } from '../../lib/text.ts';
import { limitText, valueText } from '../../report/format.ts';
import { shortageText } from '../../report/sentences/shortage.ts';
import type { CampaignRow } from '../../store/campaigns.ts';
import { budgetLeft } from '../../store/ledger.ts';
import { confirmationReserve, runSeconds } from '../budget/confirmation-reserve.ts';
import type { Context } from '../context.ts';
import { reachedTarget } from '../view/best-nodes.ts';
import type { Tree } from '../view/load-tree.ts';

/** The options of `continue`. */
export interface ContinueWish {
  /** On top of the budget; null: with what is left. */
  more: CostLimit | null;
  /** A new deadline; null: the old one, if it is still to come. */
  until: Date | null;
}

export interface ContinuePlan {
  /** The brief as agreed, without the limits that ended the search. */
  brief: Brief;
  /** Sentences on what that changes. */
  notes: string[];
}

/** Why a campaign in this state has nothing to go on from, as a sentence; null when it has. */
export function whyNotContinued(campaign: Pick<CampaignRow, 'state' | 'startedAt'>): string | null {
  if (campaign.state === 'failed')
    return 'It ended by an error and left nothing to go on from. Ask for a new one, please.';
  if (campaign.state === 'intake' || campaign.state === 'ready') return 'It has not started yet.';
  if (!isFinalCampaign(campaign.state)) return 'It is going on already.';
  if (campaign.startedAt === null)
    return 'It was cancelled before it started, so there is nothing to continue.';
  return null;
}

/** The changes that continuing an ended campaign makes; or, as a sentence, the obstacle and what to write instead. */
export function planContinue(ctx: Context, tree: Tree, { more, until }: ContinueWish): ContinuePlan | string {
  const { campaign } = tree;
  const now = ctx.clock.now();
  const why = whyNotContinued(campaign);
  if (why !== null) return why;
  const old = campaign.brief;
  const deadline = until?.toISOString() ?? old.deadline;
  if (deadline !== null && now >= new Date(deadline)) {
    const passed = formatDeadline(new Date(deadline), now, campaign.timeZone);
    return `Its deadline, ${passed}, has passed. Say until when it may go on, for example \`continue until tomorrow 9:00\`.`;
  }
  const short = shortageOf(ctx, tree, addLimit(old.budget, more));
  if (short !== null) return short;
  const notes: string[] = [];
  const brief = { ...old, deadline };
  if (tree.nodes.length >= old.maxNodes) {
    brief.maxNodes = tree.nodes.length + old.maxNodes;
    notes.push(`It had its ${countText(old.maxNodes, 'node')}; it may grow ${old.maxNodes} more.`);
  }
  if (old.target !== null && reachedTarget(tree, old)) {
    brief.target = null;
    notes.push(`The target of ${valueText(old.target)} is reached; it goes on beyond it.`);
  }
  if (until !== null)
    notes.push(`Nothing new starts after ${formatDeadline(until, now, campaign.timeZone)}.`);
  if (campaign.openings > 0)
    notes.push(
      'The test rows have been opened before. Should another node win, they are opened once more, and the report says so.',
    );
  return { brief, notes };
}

/** Why no run fits into what is left of a budget; null when one does, or when no run has shown yet what one takes. */
function shortageOf(ctx: Context, tree: Tree, budget: CostLimit): string | null {
  const usdPerHour = priceOf(ctx.settings, tree.campaign);
  const seconds = cheapestRun(tree);
  if (seconds === null) return null;
  const run = costOf(seconds, usdPerHour);
  const kept = confirmationReserve(tree, usdPerHour);
  const need = addCost(run, kept);
  const left = budgetLeft(budget, tree.totals);
  const missing = missingFor(need, left);
  if (missing.computeSeconds === null && missing.usd === null) return null;
  const shortage = {
    what: 'another run',
    ceiling: run,
    ...(isSomething(kept)
      ? { kept: { cost: kept, purpose: 'to confirm the winner and open the test rows' } }
      : {}),
    need,
  };
  const [, enough] = raiseSteps(missing, budget);
  return `${shortageText(shortage, budget, left)} Write \`continue with ${limitText(enough)} more\`.`;
}

const isSomething = (cost: Cost): boolean => cost.computeSeconds > 0;

/** Seconds of the run that took least, of those that trained; before one has, of the baseline. */
function cheapestRun(tree: Tree): number | null {
  const runs = tree.trials
    .filter((t) => t.state === 'scored' && t.purpose !== 'probe')
    .map((t) => ({ t, seconds: runSeconds(tree, t) }));
  const trained = runs.filter(({ t }) => t.spec.training !== null);
  const known = trained.length > 0 ? trained : runs;
  return known.length === 0 ? null : Math.min(...known.map(({ seconds }) => seconds));
}

/** Nodes whose weights are gone stay in the tree and can no longer win. */
export const goneText = (gone: number[]): string =>
  gone.length === 0
    ? ''
    : `The weights of ${listText(gone.map((number) => `#${number}`))} were removed to free space: what grows may build on ${gone.length === 1 ? 'it' : 'them'}, and another has to win.`;
