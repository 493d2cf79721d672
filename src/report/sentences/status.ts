import { addCost, without } from '../../campaign/cost.ts';
import { isActiveCampaign } from '../../campaign/states.ts';
import type { CampaignView, InsightView } from '../../campaign/view.ts';
import { countText, listText, percentText } from '../../lib/text.ts';
import {
  agoText,
  bold,
  costText,
  deltaText,
  estimateText,
  intervalText,
  limitText,
  oneLine,
  rangeText,
  scoreText,
  sentence,
  spendText,
  valueText,
} from '../format.ts';
import { headlineOf, isTraining, progressOf } from '../picture/facts.ts';
import { waitLine } from './waiting.ts';
import { label } from './words.ts';

/** `7 nodes, 2 running, 1 waits on the cluster, 1 waits for you, 1 failed` */
function countsText(view: CampaignView): string {
  const head = headlineOf(view);
  const parts = [countText(head.nodes, 'node')];
  if (head.running > 0) parts.push(`${head.running} running`);
  if (head.queued > 0) parts.push(`${head.queued} ${head.queued === 1 ? 'waits' : 'wait'} on the cluster`);
  if (head.waiting > 0) parts.push(head.waiting === 1 ? '1 waits for you' : `${head.waiting} wait for you`);
  if (head.failed > 0) parts.push(`${head.failed} failed`);
  return parts.join(', ');
}

/** Why no node runs, or that the search is over; empty while it goes on. */
function standingText(view: CampaignView): string {
  switch (view.state) {
    case 'finished':
      return 'done';
    case 'stopped':
      return 'stopped';
    case 'failed':
      return 'ended by an error';
    case 'confirming':
      if (view.heldBecause !== null) return oneLine(view.heldBecause);
      return view.isWrappingUp ? 'wrapping up: confirming the best' : 'confirming the best';
    default:
      if (view.heldBecause !== null) return oneLine(view.heldBecause);
      if (view.isWrappingUp) return 'wrapping up: nothing new starts';
      return view.paused ? 'paused' : '';
  }
}

/** `*Dates to ISO* 0.870 ± 0.026 on search, from 0.000 · 7 nodes, 2 running, 1 failed · 6 of 15 min` */
export function headline(view: CampaignView): string {
  const head = headlineOf(view);
  const from =
    head.gain === null || !head.baseline?.score ? '' : `, from ${valueText(head.baseline.score.value)}`;
  const score = view.final
    ? `${intervalText(view.final.bestTest)} on test, from ${valueText(view.final.baselineTest.value)}`
    : head.best?.score
      ? `${scoreText(head.best.score)} on search${from}`
      : 'no score yet';
  const parts = [
    `${bold(view.title)} ${score}`,
    countsText(view),
    spendText(view.budget.spent, view.budget.limit),
  ];
  const standing = standingText(view);
  if (standing !== '') parts.push(standing);
  return parts.join(' · ');
}

/** `Now: #8 drop rows that break the pattern (45%), #9 batch 8`; without running nodes, why not. */
export function nowLine(view: CampaignView): string {
  const running = view.nodes.filter(isTraining);
  const waiting = view.nodes.filter((node) => node.state === 'awaiting_approval');
  const names = running.slice(0, 3).map((node) => {
    const progress = progressOf(node);
    return progress === null ? label(node) : `${label(node)} (${percentText(progress)})`;
  });
  if (running.length > 3) names.push(`${running.length - 3} more`);
  const asks = waiting.map((node) => `#${node.number}`);
  const waits =
    asks.length === 0 ? '' : ` ${listText(asks)} ${asks.length === 1 ? 'waits' : 'wait'} for a yes.`;
  const queue = isActiveCampaign(view.state) ? queueText(view) : '';
  const now = ((): string => {
    switch (view.state) {
      case 'intake':
        return 'Now: finding out what is wanted.';
      case 'ready':
        return 'Waits for Start.';
      case 'finished':
        return 'Done.';
      case 'stopped':
        return 'Stopped.';
      case 'failed':
        return 'Ended by an error.';
      case 'searching':
      case 'confirming':
        if (names.length > 0) return `Now: ${names.join('; ')}.`;
        if (queue !== '') return 'Nothing runs yet.';
        if (view.heldBecause !== null) return `Nothing runs: ${sentence(view.heldBecause)}`;
        if (view.paused) return 'Nothing runs: paused.';
        if (view.state === 'confirming') return 'Now: repeating the best with fresh seeds.';
        if (asks.length > 0) return 'Nothing runs.';
        return view.nodes.length === 0 ? 'Now: preparing the baseline.' : 'Now: planning the next node.';
    }
  })();
  return now + queue + waits;
}

/** ` #9 has waited 40 min. …` for every node that waits on the cluster; empty when none does. */
const queueText = (view: CampaignView): string =>
  view.nodes
    .flatMap((node) => (node.waiting === undefined ? [] : [` ${waitLine(node, node.waiting, view)}`]))
    .slice(0, 3)
    .join('');

/** `+0.033 (0.012 to 0.055, 3 pairs: #5→#8, #4→#9, #6→#11)` after the sentence of the insight. */
export function insightText(insight: InsightView): string {
  const shown = insight.pairs.slice(0, 4).map((pair) => `#${pair.parent}→#${pair.child}`);
  const more = insight.pairs.length - shown.length;
  const pairs =
    insight.pairs.length === 0
      ? ''
      : `, ${countText(insight.pairs.length, 'pair')}: ${shown.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `${oneLine(insight.text).replace(/[.:]$/, '')}: ${deltaText(insight.effect)} (${rangeText(insight.low, insight.high)}${pairs}).`;
}

/** The answer to `status`, one statement a line. */
export function statusText(view: CampaignView): string {
  const lines = [headline(view), nowLine(view)];
  const head = headlineOf(view);
  if (head.best?.score && head.gain !== null)
    lines.push(
      view.final
        ? `Winner: ${label(head.best)}, ${scoreText(head.best.score)} on search.`
        : `Best so far: ${label(head.best)}, ${scoreText(head.best.score)}. Not confirmed yet.`,
    );
  for (const node of view.nodes)
    if (node.state === 'awaiting_approval' && node.approval === null)
      lines.push(`#${node.number} waits for a yes: its code is on a card above.`);
    else if (node.state === 'awaiting_approval' && node.approval)
      lines.push(`#${node.number} waits for a yes: ${estimateText(node.approval)}.`);
  for (const insight of view.insights.slice(0, 3)) lines.push(insightText(insight));
  const { limit, spent, reserved } = view.budget;
  const held =
    reserved.computeSeconds > 0 || reserved.usd > 0 ? `, ${costText(reserved)} set aside for what runs` : '';
  const left = without(limit, addCost(spent, reserved));
  if (limit.computeSeconds !== null || limit.usd !== null)
    lines.push(`Spent ${spendText(spent, limit)}${held}; ${limitText(left)} left.`);
  else lines.push(`Spent ${costText(spent)}${held}; no limit.`);
  const stored = view.weights.kept.map((round) => `#${round}`);
  if (stored.length > 0)
    lines.push(
      `Weights are there of ${listText(stored)}; \`ship ${view.final ? 'it' : stored.at(-1)}\` asks to send them out.`,
    );
  if (view.startedAt !== null) lines.push(`Started ${agoText(view.startedAt, view.takenAt)}.`);
  return lines.join('\n');
}
