import type { CampaignView, FinalResult, NodeView, TrialView } from '../../campaign/view.ts';
import { countText } from '../../lib/text.ts';
import {
  deltaText,
  differenceText,
  durationText,
  lossText,
  moneyText,
  oneLine,
  rangeText,
  scoreText,
  sentence,
  thinkingText,
  unmarked,
  valueText,
} from '../format.ts';
import { evidenceOf, headlineOf, starOf } from '../picture/facts.ts';
import { earlierText, openedText, rereadText } from './openings.ts';
import { standardLine } from './standard-tasks.ts';
import { removedText, resultOf, weightsText } from './weights.ts';
import { findNode, label } from './words.ts';

/** `Dropping rows helps` as the item of a list: `dropping rows`. */
const topicOf = (text: string): string =>
  oneLine(text)
    .replace(/[.:]$/, '')
    .replace(/ (helps|hurts|harms)$/, '')
    .replace(/^[A-Z](?=[a-z])/, (letter) => letter.toLowerCase());

export interface Lesson {
  text: string;
  difference: number;
}

/**
 * Changes that helped and changes that did not, each with its evidence: insights first, then single nodes that no
 * insight covers.
 */
function lessons(view: CampaignView, most = 4): { worked: Lesson[]; failed: Lesson[] } {
  const worked: Lesson[] = [];
  const failed: Lesson[] = [];
  const covered = new Set<number>();
  for (const insight of view.insights) {
    const lesson = { text: topicOf(insight.text), difference: insight.effect };
    if (insight.low > 0) worked.push(lesson);
    else if (insight.high < 0) failed.push(lesson);
    else continue;
    for (const pair of insight.pairs) covered.add(pair.child);
  }
  const steps = view.nodes
    .filter((node) => node.delta !== null && !covered.has(node.number))
    .sort((a, b) => Math.abs(b.delta?.difference ?? 0) - Math.abs(a.delta?.difference ?? 0));
  for (const node of steps) {
    const lesson = { text: label(node), difference: node.delta?.difference ?? 0 };
    const evidence = evidenceOf(node);
    if (evidence === 'better' && worked.length < most) worked.push(lesson);
    if (evidence === 'worse' && failed.length < most) failed.push(lesson);
  }
  return { worked: worked.slice(0, most), failed: failed.slice(0, most) };
}

const lessonsText = (list: Lesson[]): string =>
  list.map((lesson) => `${lesson.text} (${deltaText(lesson.difference)})`).join(', ');

const trialCount = (view: CampaignView): number =>
  view.nodes.reduce(
    (sum, node) =>
      sum + node.trials.filter((trial) => trial.state === 'scored' || trial.state === 'failed').length,
    0,
  );

/** `18 nodes, 41 trials, 13.9 min, $0` */
export const effortText = (view: CampaignView): string =>
  [
    countText(view.nodes.length, 'node'),
    countText(trialCount(view), 'trial'),
    durationText(view.budget.spent.computeSeconds),
    moneyText(view.budget.spent.usd),
  ].join(', ');

/** `Thinking with a language model: 23 calls, 49,200 tokens, $0.12`; null when none was asked. */
export const thinkingLine = ({ thinking }: CampaignView): string | null =>
  thinking.calls === 0 ? null : `Thinking with a language model: ${thinkingText(thinking)}`;

/** How much general text got harder to predict: `general loss 0.61 (0.53 before), so little was forgotten`. */
export function retentionText(trial: TrialView | undefined): string | null {
  if (!trial || trial.generalLoss === null || trial.baseGeneralLoss === null) return null;
  const rise = (trial.generalLoss - trial.baseGeneralLoss) / Math.max(1e-9, Math.abs(trial.baseGeneralLoss));
  const verdict =
    rise <= 0.05
      ? 'nothing noticeable was forgotten'
      : rise <= 0.25
        ? 'little was forgotten'
        : 'the model forgot a good part of its general language';
  return `general loss ${lossText(trial.generalLoss)} (${lossText(trial.baseGeneralLoss)} before), so ${verdict}`;
}

/** The winner's best trial: of the final result, else of the best node on search. */
export function winningTrial(view: CampaignView): { node: NodeView; trial: TrialView | undefined } | null {
  const node = findNode(view, starOf(view) ?? Number.NaN);
  if (!node) return null;
  const index = view.final?.winnerTrial ?? view.kept?.best?.trial ?? node.bestTrial;
  return { node, trial: node.trials.find((trial) => trial.index === index) };
}

function checkSentences(view: CampaignView): string[] {
  const winner = winningTrial(view);
  if (!winner || winner.node.parent === null) return [];
  const checks = ['no evaluation row in the training data'];
  const retention = retentionText(winner.trial);
  if (retention !== null) checks.push(retention);
  if (view.final?.seedNoise != null) checks.push(`noise between seeds ${valueText(view.final.seedNoise)}`);
  return checks;
}

function testLines(view: CampaignView, final: FinalResult): string[] {
  const holds = final.testDifference.low > 0;
  const verdict = holds ? '' : ` That is no better than before (${differenceText(final.testDifference)}).`;
  const lines = [
    `*${unmarked(view.title)} is done.* Test split, ${openedText(view)}: *${valueText(final.bestTest.value)}* (${rangeText(final.bestTest.low, final.bestTest.high)}) against ${valueText(final.baselineTest.value)} before.${verdict}`,
  ];
  const reread = rereadText(view);
  if (reread !== null) lines.push(reread);
  const seeds = final.confirmations;
  lines.push(
    seeds.length === 0
      ? 'Not confirmed with a fresh seed: the budget did not reach that far.'
      : `Confirmed with ${countText(seeds.length, 'fresh seed')} on select: ${seeds.map((one) => valueText(one.score.value)).join(', ')}.`,
  );
  return lines;
}

/** The known results of a campaign without a winner that has answered the test rows. */
function knownLines(view: CampaignView): string[] {
  const { best } = headlineOf(view);
  const state =
    view.state === 'failed'
      ? 'ended by an error'
      : view.state === 'stopped'
        ? 'was stopped'
        : 'is not finished';
  const why = view.endedBecause === null ? '' : ` ${sentence(view.endedBecause)}`;
  const trained = best?.score && best.parent !== null ? best : null;
  const score = trained?.score
    ? `Best on search, not confirmed: ${scoreText(trained.score)} (${label(trained)}).`
    : best?.score
      ? `Nothing trained has a score; the untrained model has ${scoreText(best.score)} on search.`
      : 'There is no score.';
  const lines = [`*${unmarked(view.title)} ${state}.*${why} ${score}`];
  const seeds = view.kept?.best?.confirmations ?? [];
  if (seeds.length > 0)
    lines.push(
      `Repeated with ${countText(seeds.length, 'fresh seed')} on select: ${seeds.map((one) => valueText(one.score.value)).join(', ')}.`,
    );
  const earlier = earlierText(view);
  if (earlier !== null) lines.push(earlier);
  return lines;
}

/** The final message, a line each. Also for a campaign that was stopped before the test split was opened. */
export function reportLines(view: CampaignView): string[] {
  const { final } = view;
  const head = headlineOf(view);
  const lines = final ? testLines(view, final) : knownLines(view);
  const { worked, failed } = lessons(view);
  const said: string[] = [];
  if (worked.length > 0) said.push(`What worked: ${lessonsText(worked)}.`);
  if (failed.length > 0) said.push(`What did not: ${lessonsText(failed)}.`);
  if (said.length === 0 && head.scored > 1)
    said.push('No single change made a difference that the data can show.');
  if (said.length > 0) lines.push(said.join(' '));
  const checks = checkSentences(view);
  if (checks.length > 0) lines.push(`Checked: ${checks.join('; ')}.`);
  const standard = standardLine(view);
  if (standard !== null) lines.push(standard);
  const thought = thinkingLine(view);
  lines.push(thought === null ? effortText(view) : `${effortText(view)}. ${thought}`);
  for (const line of [weightsText(view), removedText(view)]) if (line !== null) lines.push(line);
  const again = resultOf(view)?.reproduce;
  if (again !== undefined) lines.push(`Make it again: \`${oneLine(again).replace(/`/g, '')}\``);
  return lines;
}
