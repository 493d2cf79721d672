import { type DatasetRef, trainFiles } from '../campaign/brief.ts';
import type { CampaignView, NodeView, TrialView } from '../campaign/view.ts';
import { countText, numberText } from '../lib/text.ts';
import {
  costText,
  deltaText,
  differenceText,
  durationText,
  intervalText,
  limitText,
  lossText,
  momentText,
  priceText,
  pText,
  scoreText,
  secondsBetween,
  sentence,
  shortText,
  spendText,
  valueText,
} from './format.ts';
import { code, codeBlock, md, table } from './markdown.ts';
import { evidenceOf, headlineOf, starOf } from './picture/facts.ts';
import { rowPlaces } from './picture/row-places.ts';
import { shapeOf } from './picture/shape.ts';
import { decidersText } from './sentences/approval.ts';
import { causeText } from './sentences/failure.ts';
import { earlierText, openedText, rereadText } from './sentences/openings.ts';
import { effortText, retentionText, thinkingLine, winningTrial } from './sentences/report.ts';
import { standardTable, standardVerdict } from './sentences/standard-tasks.ts';
import { insightText } from './sentences/status.ts';
import { resultOf, weightsText } from './sentences/weights.ts';
import { metricText, strategyText } from './sentences/words.ts';

type Section = [heading: string, ...blocks: string[]];
const list = (items: readonly string[]): string => items.map((item) => `- ${item}`).join('\n');

const fileText = (file: DatasetRef): string =>
  `${code(file.name)} (${countText(file.rows, 'row')}${file.badRows > 0 ? `, ${file.badRows} unreadable left out` : ''}, sha256 ${code(file.sha256.slice(0, 12))})`;

function asked(view: CampaignView): Section {
  const { brief, splits } = view;
  if (!brief) return ['What was asked', 'The request never became a brief.'];
  const source =
    brief.data.kind === 'task'
      ? `task ${code(brief.data.task)} of the catalogue`
      : [...trainFiles(brief.data), brief.data.evaluation]
          .flatMap((file) => file ?? [])
          .map(fileText)
          .join(' and ');
  const items = [
    `Goal: ${md(brief.goal)}`,
    `Base model: ${code(brief.scope.baseModel)}; methods allowed: ${brief.scope.methods.join(', ')}; objective ${brief.scope.objective ?? 'sft'}; at most ${numberText(brief.scope.maxSequenceTokens)} tokens`,
    `Data: ${source}`,
    ...view.addedData.map((file) => `Added in the thread: ${fileText(file)}`),
    `Metric: ${metricText[brief.metric]}, higher is better; target ${brief.target === null ? 'none' : valueText(brief.target)}`,
    `Budget: ${limitText(brief.budget)}; a node above ${limitText(brief.askAbove)} asks first`,
    ...(brief.price ? [`Price: ${md(priceText(brief.price))}`] : []),
    `Search: ${brief.policy}, seed ${brief.seed}, ${brief.parallel} at a time`,
  ];
  if (splits)
    items.push(
      `Splits: ${numberText(splits.train)} train, ${numberText(splits.search)} search, ${numberText(splits.select)} select, ${numberText(splits.test)} test`,
    );
  return ['What was asked', list(items)];
}

function result(view: CampaignView): Section {
  const head = headlineOf(view);
  const winner = winningTrial(view);
  const { final } = view;
  if (!final) {
    const because = view.endedBecause ?? view.heldBecause;
    const why = because === null ? '' : ` ${sentence(because)}`;
    const best = head.best?.score
      ? `The best node on the search split is #${head.best.number} (${md(head.best.title)}) with ${intervalText(head.best.score)}. It was chosen among ${countText(head.scored, 'scored node')} on that same split and never confirmed, so expect less on new data.`
      : 'No node has a score.';
    const seeds = (view.kept?.best?.confirmations ?? []).map((one) => [
      `select, fresh seed ${one.seed}`,
      intervalText(one.score),
      String(one.score.n),
    ]);
    return [
      'Result',
      `The campaign ended without a winner that has answered the test rows.${md(why)} ${best}`,
      ...(seeds.length === 0 ? [] : [table(['split', 'score', 'items'], seeds, [1, 2])]),
      ...[earlierText(view)].filter((text) => text !== null),
    ];
  }
  const holds = final.testDifference.low > 0;
  const rows = [
    [
      `test, ${openedText(view)}`,
      intervalText(final.baselineTest),
      `**${intervalText(final.bestTest)}**`,
      String(final.bestTest.n),
    ],
  ];
  if (head.baseline?.score && winner?.node.score)
    rows.push([
      'search, used to choose',
      intervalText(head.baseline.score),
      intervalText(winner.node.score),
      String(winner.node.score.n),
    ]);
  for (const one of final.confirmations)
    rows.push([`select, fresh seed ${one.seed}`, '', intervalText(one.score), String(one.score.n)]);
  const delta = final.testDifference;
  return [
    'Result',
    `#${final.winner}${winner ? ` (${md(winner.node.title)})` : ''} ${holds ? 'is better than the base model' : 'is **not** shown to be better than the base model'} on the test split: ${differenceText(delta)}, ${pText(delta.pValue)}, paired on ${countText(delta.n, 'item')}; it fixes ${delta.wins} and breaks ${delta.losses}.`,
    table(['split', 'base model', `#${final.winner}`, 'items'], rows, [1, 2, 3]),
    `Brackets are 95 % intervals. The number to quote is the one on test: the search score belongs to the best of ${countText(head.scored, 'scored node')} and is too good for that reason.`,
    ...[rereadText(view)].filter((text) => text !== null),
  ];
}

const deltaCell = (node: NodeView): string => {
  if (node.delta === null) return '';
  const evidence = evidenceOf(node);
  return evidence === 'even'
    ? `${deltaText(node.delta.difference)} (within noise)`
    : differenceText(node.delta);
};

function tree(view: CampaignView): Section {
  const { rows } = rowPlaces(shapeOf(view), Number.POSITIVE_INFINITY);
  if (rows.length === 0) return ['Tree', 'Nothing has run.'];
  const cells = rows.map(({ branch: { node, onPath } }) => [
    `${node.number === starOf(view) ? '★ ' : ''}#${node.number}`,
    node.parent === null ? '' : `#${node.parent}`,
    onPath ? `**${md(node.title)}**` : md(node.title),
    node.score ? scoreText(node.score) : node.state.replace(/_/g, ' '),
    deltaCell(node),
    node.cost.computeSeconds > 0 ? costText(node.cost) : '',
  ]);
  return [
    'Tree',
    'Each node is grown from its parent. Bold is the way from the base model to the best node; the difference is to the parent, on the same items of the search split.',
    table(['node', 'parent', 'change', 'score on search', 'difference', 'cost'], cells, [3, 4, 5]),
  ];
}

function lessonsSection(view: CampaignView): Section {
  const steps = view.nodes.filter((node) => node.delta !== null);
  const line = (node: NodeView): string => {
    const { delta } = node;
    if (!delta) return '';
    return `#${node.number} ${md(node.title)}: ${differenceText(delta)} against #${node.parent}, ${pText(delta.pValue)}; fixed ${delta.wins}, broke ${delta.losses} of ${delta.n}`;
  };
  const by = (evidence: 'better' | 'worse' | 'even'): NodeView[] =>
    steps
      .filter((node) => evidenceOf(node) === evidence)
      .sort((a, b) => Math.abs(b.delta?.difference ?? 0) - Math.abs(a.delta?.difference ?? 0));
  const better = by('better');
  const worse = by('worse');
  const even = by('even');
  const failed = view.nodes.filter((node) => node.state === 'failed');
  const blocks: string[] = [];
  if (view.insights.length > 0)
    blocks.push('### Lessons over several pairs', list(view.insights.map((one) => md(insightText(one)))));
  const most = 20;
  const group = (title: string, nodes: NodeView[], text: (node: NodeView) => string): void => {
    if (nodes.length === 0) return;
    const items = nodes.slice(0, most).map(text);
    if (nodes.length > most) items.push(`and ${nodes.length - most} more in the table above`);
    blocks.push(`### ${title}`, list(items));
  };
  group('Worked', better, line);
  group('Made it worse', worse, line);
  group('Made no difference that the data can show', even, line);
  group(
    'Failed',
    failed,
    (node) =>
      `#${node.number} ${md(node.title)}: ${node.failure ? `${md(sentence(node.failure.message))} ${causeText(node.failure)}` : 'no reason was recorded.'}`,
  );
  if (blocks.length === 0) blocks.push('Nothing was compared yet.');
  if (steps.length > 1)
    blocks.push(
      `These are ${countText(steps.length, 'comparison')} at the 95 % level. If no change had any effect, about ${shortText(steps.length * 0.05)} of them would still look like one.`,
    );
  return ['What worked and what did not', ...blocks];
}

function checks(view: CampaignView): Section {
  const winner = winningTrial(view);
  const items = [
    'Contamination: the training rows of every trial pass a step, last and not removable by any recipe, that drops rows which match or nearly match an item of search, select or test.',
    `Splits: the search for ideas saw scores and failing items of search only; ${view.final ? `select decided the winner by its score; test was ${openedText(view)}, after that` : `test was ${openedText(view)}`}.`,
  ];
  const retention = retentionText(winner?.trial);
  items.push(
    retention === null
      ? 'Retention: not measured for the winner.'
      : `Retention (loss on general text against the base model): ${retention}.`,
  );
  const { final } = view;
  if (final && final.confirmations.length > 0) {
    const values = final.confirmations.map((one) => valueText(one.score.value)).join(', ');
    const noise =
      final.seedNoise === null
        ? 'too few repeats for a noise estimate'
        : `standard deviation ${valueText(final.seedNoise)}`;
    items.push(
      `Seeds: the winner was trained again with ${countText(final.confirmations.length, 'fresh seed')}; on select ${values} (${noise}).`,
    );
  } else items.push('Seeds: the winner was not repeated with fresh seeds.');
  return ['Checks', list(items)];
}

function standardTasks(view: CampaignView): Section[] {
  const changes = view.final?.standardTasks ?? [];
  if (changes.length === 0) return [];
  return [
    [
      'Standard tasks',
      'What the model could do before, measured by lm-eval on the base model and on the winner, after the winner was chosen: no number here decided anything. Behind ± is half of the 95 % interval.',
      standardTable(changes),
      standardVerdict(changes),
    ],
  ];
}

function trialRow(trial: TrialView, node: NodeView): string[] {
  const outcome = trial.score
    ? scoreText(trial.score)
    : trial.failure
      ? trial.failure.code.replace(/_/g, ' ')
      : trial.state;
  return [
    `${trial.index + 1}${trial.index === node.bestTrial ? ' (best)' : ''}`,
    md(trial.summary),
    md(trial.changes.join('; ')),
    md(outcome),
    trial.trainLoss === null ? '' : lossText(trial.trainLoss),
    trial.generalLoss === null ? '' : lossText(trial.generalLoss),
    trial.cost.computeSeconds > 0 ? costText(trial.cost) : '',
    code(trial.specHash.slice(0, 12)),
  ];
}

function everyNode(view: CampaignView): Section {
  const blocks: string[] = [];
  for (const node of [...view.nodes].sort((a, b) => a.number - b.number)) {
    blocks.push(`### #${node.number} ${md(node.title)}`);
    const facts = [
      `Kind: ${strategyText[node.strategy]}${node.parent === null ? '' : `; grown from #${node.parent}`}; state: ${node.state.replace(/_/g, ' ')}`,
    ];
    if (node.hypothesis) facts.push(`Idea: ${md(sentence(node.hypothesis))}`);
    if (node.score)
      facts.push(
        `Score: ${intervalText(node.score)}${node.delta ? `; against its parent ${differenceText(node.delta)}, ${pText(node.delta.pValue)}` : ''}`,
      );
    if (node.failure)
      facts.push(
        `Failure (${code(node.failure.code)}): ${md(sentence(node.failure.message))} ${causeText(node.failure)}`,
      );
    if (node.codeApproval?.code && node.codeApproval.decidedBy !== null)
      facts.push(
        `Code, ${node.codeApproval.state} by ${md(decidersText(node.codeApproval) ?? '')}: ${md(sentence(node.codeApproval.code.purpose))}`,
      );
    if (node.approval && node.approval.state !== 'pending' && node.approval.decidedBy !== null)
      facts.push(
        `Approval: ${node.approval.state} by ${md(decidersText(node.approval) ?? '')}, at most ${costText(node.approval.ceiling)}`,
      );
    if (node.diagnosis) {
      facts.push(`Reading: ${md(sentence(node.diagnosis.summary))}`);
      for (const mistake of node.diagnosis.mistakes.slice(0, 5))
        facts.push(
          `Mistake: ${md(mistake.kind)}, ${mistake.count} times${mistake.example ? `, for example ${code(mistake.example)}` : ''}`,
        );
    }
    blocks.push(list(facts));
    if (node.codeApproval?.code) blocks.push(codeBlock(node.codeApproval.code.code.split('\n'), 'python'));
    if (node.trials.length > 0)
      blocks.push(
        table(
          ['trial', 'training', 'changed', 'score', 'train loss', 'general loss', 'cost', 'spec'],
          node.trials.map((trial) => trialRow(trial, node)),
          [4, 5, 6],
        ),
      );
    if (node.failure && node.failure.log.length > 0) blocks.push(codeBlock(node.failure.log.slice(0, 20)));
  }
  return ['Every node', ...(blocks.length > 0 ? blocks : ['There are none.'])];
}

function cost(view: CampaignView): Section {
  const wall = secondsBetween(view.startedAt, view.finishedAt ?? view.takenAt);
  const lost = view.nodes
    .filter((node) => node.state === 'failed')
    .reduce((sum, node) => sum + node.cost.computeSeconds, 0);
  const items = [`Spent: ${spendText(view.budget.spent, view.budget.limit)} (${effortText(view)})`];
  if (lost > 0) items.push(`Of that in failed nodes: ${durationText(lost)}`);
  const thought = thinkingLine(view);
  if (thought !== null)
    items.push(`${thought}; it counts against a limit of its own, not against the budget`);
  if (wall !== null) items.push(`From start to end: ${durationText(wall)}; time in the queue is not spend`);
  return ['Cost', list(items)];
}

function reproduce(view: CampaignView): Section {
  const { final } = view;
  const known = resultOf(view);
  if (!final && known)
    return [
      'Make it again',
      codeBlock([known.reproduce], 'sh'),
      `It trains the best node on search again; no winner was confirmed.`,
      weightsText(view) ?? '',
    ];
  if (!final)
    return [
      'Make it again',
      'There is no confirmed winner. Any trial can be repeated from its spec hash, which covers the model, the settings, the data and the seed.',
    ];
  return [
    'Make it again',
    codeBlock([final.reproduce], 'sh'),
    `It trains the same run spec on the same rows with the same seed and compares the result. The weights of the winner have the sha256 ${code(final.weightsSha256)}.`,
    weightsText(view) ?? `Weights: ${code(final.weightsPath)}.`,
  ];
}

const glossary: Section = [
  'Three terms',
  list([
    '**Node**: a hypothesis, a data recipe and one to five training configurations (trials). Its score is that of its best trial.',
    '**95 % interval**: where the true score lies in 95 of 100 such measurements. The fewer items, the wider.',
    '**Paired difference**: two models compared item by item on the same items; far finer than comparing two scores with their intervals.',
  ]),
];

function training(view: CampaignView, curves: string | null): Section[] {
  const winner = winningTrial(view)?.node.number;
  if (curves === null || winner === undefined) return [];
  return [['How it trained', `![Training losses of #${winner} and of the node it grew from](${curves})`]];
}

/**
 * `report.md`: the evidence for the result, also for a campaign that ended early.
 * @param beside `curves`: name of the picture of the training losses beside it; null where there is none
 */
export function reportMarkdown(
  view: CampaignView,
  beside: { curves: string | null } = { curves: null },
): string {
  const sections = [
    asked(view),
    result(view),
    ...training(view, beside.curves),
    tree(view),
    lessonsSection(view),
    checks(view),
    ...standardTasks(view),
    cost(view),
    reproduce(view),
    everyNode(view),
    glossary,
  ];
  const when = momentText(view.finishedAt ?? view.takenAt);
  const title = [`# ${md(view.title)}`, `Campaign ${code(view.id)}, ${view.state}, ${when}.`];
  return `${[...title, ...sections.flatMap(([heading, ...blocks]) => [`## ${heading}`, ...blocks])].join('\n\n')}\n`;
}
