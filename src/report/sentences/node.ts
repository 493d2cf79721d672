import type { Direction } from '../../campaign/diagnosis.ts';
import type { ApprovalView, CampaignView, NodeView, TrialView } from '../../campaign/view.ts';
import { clip, countText, percentText } from '../../lib/text.ts';
import {
  bold,
  costText,
  deltaText,
  differenceText,
  estimateText,
  lossText,
  oneLine,
  pText,
  rangeText,
  scoreText,
  sentence,
  shortText,
  valueText,
} from '../format.ts';
import { evidenceOf, starOf } from '../picture/facts.ts';
import { decidersText } from './approval.ts';
import { causeText } from './failure.ts';
import { waitLine } from './waiting.ts';
import { findNode, label, mistakesText, stateText, strategyText, trialLabel, unknownNode } from './words.ts';

/** `full, lr 5e-4, batch 8, 1 epoch · 0.871 ± 0.026 · 48 s` */
function trialText(trial: TrialView, best: boolean): string {
  const parts = [oneLine(trial.summary) || 'no training'];
  if (trial.score) parts.push(scoreText(trial.score));
  else if (trial.failure) parts.push(`failed: ${clip(oneLine(trial.failure.message), 140)}`);
  else if (trial.waiting) parts.push('waits on the cluster');
  else if (trial.state === 'running' && trial.progress !== null)
    parts.push(`running ${percentText(trial.progress)}`);
  else parts.push(trial.state);
  if (trial.generalLoss !== null)
    parts.push(
      `general loss ${lossText(trial.generalLoss)}${trial.baseGeneralLoss === null ? '' : ` (${lossText(trial.baseGeneralLoss)} before)`}`,
    );
  if (trial.answeredBy !== undefined) parts.push(`answers by ${oneLine(trial.answeredBy)}`);
  if (trial.cost.computeSeconds > 0) parts.push(costText(trial.cost));
  return `${trialLabel(trial)}: ${parts.join(' · ')}${best ? ' · best' : ''}`;
}

/** `better than its parent #5: +0.033 (0.012 to 0.055)` or `no better than its parent #5 (−0.002, …)`; empty without pairs. */
function comparisonText(node: NodeView): string {
  if (node.delta === null || node.parent === null) return '';
  return evidenceOf(node) === 'better'
    ? `better than its parent #${node.parent}: ${differenceText(node.delta)}`
    : `no better than its parent #${node.parent} (${deltaText(node.delta.difference)}, ${rangeText(node.delta.low, node.delta.high)})`;
}

/** The answer to `show 7`. */
export function nodeText(view: CampaignView, number: number): string {
  const node = findNode(view, number);
  if (!node) return unknownNode(view, number);
  const star = starOf(view) === node.number && node.score ? ' · best so far' : '';
  const lines = [`${bold(label(node))} · ${stateText(node)}${star}`];
  if (node.waiting) lines.push(waitLine(node, node.waiting, view));
  const comparison = comparisonText(node);
  if (comparison !== '') lines.push(`It is ${comparison}.`);
  if (node.hypothesis) lines.push(`Idea: ${sentence(node.hypothesis)}`);
  lines.push(
    `Kind: ${strategyText[node.strategy]}${node.parent === null ? '' : ` · grown from #${node.parent}`}`,
  );
  if (node.failure) lines.push(`Failed: ${sentence(node.failure.message)} ${causeText(node.failure)}`);
  for (const trial of node.trials)
    lines.push(trialText(trial, node.trials.length > 1 && trial.index === node.bestTrial));
  lines.push(`Cost: ${costText(node.cost)}`);
  if (node.approval?.state === 'pending') lines.push(`Asked: ${estimateText(node.approval)}`);
  if (node.codeApproval?.code)
    lines.push(`Code: ${sentence(node.codeApproval.code.purpose)} ${codeStateText(node.codeApproval)}`);
  if (node.diagnosis) {
    lines.push(`Reading: ${sentence(node.diagnosis.summary)}`);
    if (node.diagnosis.mistakes.length > 0)
      lines.push(`Mistakes left: ${mistakesText(node.diagnosis.mistakes)}`);
    for (const direction of node.diagnosis.directions ?? []) lines.push(`Next: ${directionText(direction)}`);
  }
  return lines.join('\n');
}

/** People's decisions about the code of a node. */
function codeStateText(asked: ApprovalView): string {
  const by = decidersText(asked);
  return asked.state === 'pending'
    ? 'It waits for a yes.'
    : `It was ${asked.state}${by === null ? '' : ` by ${by}`}.`;
}

/** `Train longer (gain −0.01 to 0.03; about 2 times the compute; refuted by no gain)` */
function directionText({ text, expectedGain, costRatio, refutedBy }: Direction): string {
  const facts = [
    expectedGain === null ? null : `gain ${rangeText(expectedGain.low, expectedGain.high)}`,
    costRatio === null ? null : `about ${shortText(costRatio)} times the compute`,
    refutedBy === '' ? null : `refuted by ${oneLine(refutedBy).replace(/[.]$/, '')}`,
  ].filter((part) => part !== null);
  return facts.length === 0 ? oneLine(text) : `${oneLine(text).replace(/[.]$/, '')} (${facts.join('; ')})`;
}

/** The changes of a trial or node against its parent, without repetition. */
function changesOf(node: NodeView): string[] {
  const own = node.approval?.changes ?? [];
  const best = node.trials.find((trial) => trial.index === node.bestTrial) ?? node.trials[0];
  return [...new Set([...own, ...(best?.changes ?? [])].map(oneLine))].filter((change) => change !== '');
}

/** The answer to `why 7`: the paired comparison with the parent, the changes, and the mistakes that are left. */
export function whyText(view: CampaignView, number: number): string {
  const node = findNode(view, number);
  if (!node) return unknownNode(view, number);
  const lines: string[] = [];
  const name = `#${node.number}`;
  if (node.failure && node.state === 'failed') {
    lines.push(`${name} failed: ${sentence(node.failure.message)} ${causeText(node.failure)}`);
    for (const line of node.failure.log.slice(0, 3)) lines.push(`  ${clip(oneLine(line), 160)}`);
  } else if (node.parent === null && node.score) {
    lines.push(`${name} is the baseline: the model before any training, ${scoreText(node.score)}.`);
  } else if (!node.score) {
    lines.push(`${name} has no score: ${stateText(node)}.`);
    if (node.waiting) lines.push(waitLine(node, node.waiting, view));
  } else if (node.delta === null) {
    lines.push(
      `${name} scored ${scoreText(node.score)}; its parent #${node.parent} has no score to compare it with.`,
    );
  } else {
    const { delta } = node;
    const by = valueText(Math.abs(delta.difference));
    const evidence = evidenceOf(node);
    const test = `paired on the same ${countText(delta.n, 'item')}, ${rangeText(delta.low, delta.high)}, ${pText(delta.pValue)}`;
    const items = `It fixed ${countText(delta.wins, 'item')} and broke ${delta.losses}.`;
    lines.push(
      evidence === 'better'
        ? `${name} beat its parent #${node.parent} by ${by} (${test}). ${items}`
        : evidence === 'worse'
          ? `${name} fell behind its parent #${node.parent} by ${by} (${test}). ${items}`
          : `${name} is no better than its parent #${node.parent}: ${deltaText(delta.difference)} (${test}). ${items}`,
    );
  }
  const changes = changesOf(node);
  if (node.parent !== null)
    lines.push(changes.length > 0 ? `Changed: ${changes.join('; ')}.` : `Changed: ${sentence(node.title)}`);
  if (node.state !== 'failed' && node.hypothesis && node.parent !== null)
    lines.push(`The idea was: ${sentence(node.hypothesis)}`);
  if (node.diagnosis) {
    lines.push(sentence(node.diagnosis.summary));
    if (node.diagnosis.mistakes.length > 0)
      lines.push(`Most mistakes left: ${mistakesText(node.diagnosis.mistakes)}.`);
  }
  return lines.join('\n');
}
