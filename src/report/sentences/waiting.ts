import type { JobWait } from '../../campaign/job-wait.ts';
import type { CampaignView, NodeView, WaitView } from '../../campaign/view.ts';
import { durationText, secondsBetween, sentence } from '../format.ts';

/** A node that waits to run, for its announcement in the thread. */
export function waitingText(waiting: {
  node: number;
  seconds: number;
  why: string;
  wait: Pick<JobWait, 'needsPeople' | 'offers'>;
  /** The campaign depends on it, so nobody can withdraw it. */
  isRequired: boolean;
}): string {
  const { node, seconds, why, wait, isRequired } = waiting;
  const next = wait.needsPeople
    ? 'It will not start by itself: somebody has to change that on the cluster.'
    : wait.offers === null
      ? 'It starts by itself when its turn comes.'
      : 'I try again.';
  const choice = isRequired
    ? 'The campaign needs it; `stop` ends the campaign.'
    : 'Withdraw it, and I go on without it; what was set aside for it is free again.';
  return [
    `#${node} has waited ${durationText(seconds)}.`,
    sentence(why),
    next,
    wait.needsPeople && wait.offers !== null
      ? 'I offer it again from time to time, and it costs nothing meanwhile.'
      : 'It costs nothing meanwhile.',
    choice,
  ]
    .filter((part) => part !== '')
    .join(' ');
}

/** `#7 has waited 40 min: it waits in Slurm's queue: Priority.` for `status`, `show` and `why`. */
export function waitLine(node: NodeView, waiting: WaitView, view: CampaignView): string {
  const why = sentence(waiting.why) || 'The cluster has no free place for it yet.';
  const ends = waiting.needsPeople ? ' It will not start by itself.' : '';
  return `#${node.number} has waited ${waitedText(waiting, view.takenAt)}. ${why}${ends}`;
}

export const waitedText = ({ since }: WaitView, at: string): string =>
  durationText(secondsBetween(since, at) ?? 0);
