import type { Cost } from '../../campaign/brief.ts';
import type { Failure } from '../../campaign/failure.ts';
import { classOf, type FailureClass, type FailureCode, isFailureCode } from '../../campaign/failure.ts';
import type { StopReason } from '../../campaign/run-watch.ts';
import type { NodeView } from '../../campaign/view.ts';
import type { Fault } from '../../lib/errors.ts';
import { clip, countText, percentText } from '../../lib/text.ts';
import { costText, durationText, lossText, oneLine, sentence } from '../format.ts';

const causes: Record<FailureClass, string> = {
  user: 'That comes from the request.',
  data: 'The data is the cause.',
  config: 'The settings of this node are the cause.',
  memory: 'Memory is the cause: these settings need more than there is.',
  environment:
    'The installation on the cluster is the cause (GPU, packages or model files), so it does not count against the idea.',
  cluster: 'The cluster is the cause, so it does not count against the idea.',
  provider: 'The model provider is the cause, so it does not count against the idea.',
  ours: 'That is a fault of mine, so it does not count against the idea.',
};

/** The cause is unknown: settings or a busy machine. */
const slow = 'The cause is in the settings, or a busy machine: I had estimated less.';

/** The cause of a failure, as the thread says it. */
export const causeText = (failure: Pick<Failure, 'code' | 'fault'>): string =>
  failure.code === 'over_ceiling' || failure.code === 'too_slow' ? slow : causes[classOf(failure)];

/** The search's answer to a failure. */
export function nextAfter(failure: Pick<Failure, 'code' | 'fault'>): string {
  return isFailureCode(failure.code) ? nextAfterCode(failure.code) : nextAfterClass(classOf(failure));
}

function nextAfterCode(code: FailureCode): string {
  switch (code) {
    case 'diverged':
    case 'nan':
      return 'I will stay below that learning rate.';
    case 'out_of_memory':
      return 'I will use smaller batches.';
    case 'over_ceiling':
    case 'too_slow':
      return 'My estimates count with this pace from here.';
    case 'forgot_too_much':
      return 'I will train more gently from here.';
    case 'pruned':
      return 'I look elsewhere with what it saved.';
    case 'stalled':
      return 'I do not repeat it again; the rest goes on. If this returns, look at the node and its file system.';
    case 'gpu_idle':
      return 'I do not repeat it; the rest goes on. Look at what the GPU waited for on that node.';
    case 'lost':
    case 'killed':
      return 'I do not repeat it again; the rest goes on.';
    case 'bad_data':
    case 'bad_job':
    case 'bad_config':
    case 'spec_changed':
    case 'environment':
    case 'cancelled':
    case 'crashed':
    case 'disk_full':
    case 'internal':
    case 'no_result':
    case 'not_started':
    case 'withdrawn':
      return 'The rest goes on.';
  }
}

function nextAfterClass(kind: FailureClass): string {
  switch (kind) {
    case 'memory':
      return nextAfterCode('out_of_memory');
    case 'config':
    case 'data':
    case 'environment':
    case 'cluster':
    case 'provider':
    case 'user':
    case 'ours':
      return 'The rest goes on.';
  }
}

/** Runs of a node that were not started because the first one showed that they would fail alike. */
export const sparedText = (runs: number, cost: Cost): string =>
  runs === 0
    ? ''
    : `${countText(runs, 'more run')} of this node would have failed alike: not started, about ${costText(cost)} not spent.`;

const spentText = (cost: Cost): string =>
  cost.computeSeconds > 0 || cost.usd > 0 ? `${costText(cost)} spent` : 'Nothing was spent';

/** The failure, its fault, its cost and the next step. */
export function failureText(node: NodeView, next: string): string {
  const message = node.failure ? oneLine(node.failure.message) : '';
  // Messages start as a sentence of their own, or with a verb that #6 is the subject of.
  const what =
    message === ''
      ? `#${node.number} failed.`
      : message.startsWith('#')
        ? sentence(message)
        : /^[a-z]/.test(message)
          ? sentence(`#${node.number} ${message}`)
          : sentence(`#${node.number} failed: ${message}`);
  const free = node.cost.computeSeconds <= 0 && node.cost.usd <= 0;
  const spent = free ? `${spentText(node.cost)}.` : `${spentText(node.cost)}, the rest returned.`;
  return [what, node.failure ? causeText(node.failure) : '', spent, sentence(next)].filter(Boolean).join(' ');
}

/** Failures whose sentence is complete: lines of the log would add noise. */
const saysItAll: ReadonlySet<string> = new Set<FailureCode>([
  'cancelled',
  'diverged',
  'forgot_too_much',
  'nan',
  'over_ceiling',
  'pruned',
  'too_slow',
  'withdrawn',
]);
const shownLines = 3;

/** The first useful lines of the log, where they say more than the sentence does. */
export function failureLines(failure: Failure | null): string[] {
  if (failure === null || saysItAll.has(failure.code)) return [];
  return failure.log
    .map((line) => clip(oneLine(line), 160))
    .filter((line) => line !== '' && !oneLine(failure.message).includes(line))
    .slice(0, shownLines);
}

/** Whose fault it is that the watchdog ended a run. A silent node or an idle GPU is no evidence about the settings. */
export function stopFault({ code }: StopReason): Fault {
  switch (code) {
    case 'stalled':
    case 'gpu_idle':
      return 'cluster';
    case 'nan':
    case 'diverged':
    case 'too_slow':
    case 'pruned':
      return 'config';
  }
}

/** Why the watchdog ended a run, as the message of its failure. */
export function stopText(reason: StopReason): string {
  switch (reason.code) {
    case 'nan':
      return `The loss became ${reason.value} at step ${reason.step} of ${reason.steps} and stayed so; I stopped it.`;
    case 'diverged':
      return `diverged: the loss rose from ${lossText(reason.first)} to ${lossText(reason.now)} and stayed there until step ${reason.step} of ${reason.steps}; I stopped it.`;
    case 'stalled':
      return reason.step === null
        ? `It trained nothing in its first ${durationText(reason.silentSeconds)}, while the cluster said that it runs; I stopped it.`
        : `stalled at step ${reason.step} of ${reason.steps}: nothing new for ${durationText(reason.silentSeconds)}, ${durationText(Math.max(1, reason.usualSeconds))} at most before that, while the cluster said that it runs; I stopped it.`;
    case 'gpu_idle':
      return `used less than 5% of its GPU for ${durationText(reason.idleSeconds)}, up to step ${reason.step} of ${reason.steps}; I stopped it.`;
    case 'too_slow':
      return `was too slow: at the pace of its first ${reason.step} of ${reason.steps} steps it would train for ${durationText(reason.projectedSeconds)}, and may run for ${durationText(reason.limitSeconds)}; I stopped it early.`;
    case 'pruned':
      return `was clearly behind at ${percentText(reason.share)} of its training: a loss of ${lossText(reason.loss)}, where ${reason.others} comparable runs had ${lossText(reason.median)} (median) and none as much; I stopped it early.`;
  }
}

/** A running time that no run can have: a run is stopped at its limit. */
export const implausibleText = (node: number, seconds: number, limitSeconds: number): string =>
  `The cluster says that a run of #${node} took ${durationText(seconds)}, and none takes more than its limit of ${durationText(limitSeconds)}. A clock there was set meanwhile, I think: I count ${durationText(limitSeconds)}, and learn nothing from it.`;

/** A run that the watchdog has ended, while its node, or another attempt at it, goes on. */
export function stoppedText(run: {
  node: number;
  /** Which one, where the node has several: `trial 2`, `a repeat`. */
  which: string | null;
  failure: Failure;
  spent: Cost;
  returned: Cost;
  next: string;
}): string {
  const name = run.which === null ? `#${run.node}` : `#${run.node}, ${run.which}`;
  const message = oneLine(run.failure.message);
  const what = /^[a-z]/.test(message)
    ? `${name}${run.which === null ? '' : ','} ${message}`
    : `${name}: ${message}`;
  const money = `${spentText(run.spent)}, ${costText(run.returned)} returned.`;
  return [sentence(what), causeText(run.failure), money, sentence(run.next)].join(' ');
}
