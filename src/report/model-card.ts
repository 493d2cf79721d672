import type { CampaignView } from '../campaign/view.ts';
import type { MetricName } from '../scoring/types.ts';
import {
  countText,
  differenceText,
  intervalText,
  numberText,
  oneLine,
  pText,
  sentence,
  valueText,
} from './format.ts';
import { code, codeBlock, md, table } from './markdown.ts';
import { pathNumbers, shapeOf } from './picture/shape.ts';
import { retentionText, winningTrial } from './sentences/report.ts';
import { standardTable, standardVerdict } from './sentences/standard-tasks.ts';
import { metricText } from './sentences/words.ts';

/** Names of the Hugging Face metric pages where there is one. */
const hubMetric: Record<MetricName, string> = {
  exact_match: 'exact_match',
  accuracy: 'accuracy',
  token_f1: 'f1',
  rouge_l: 'rouge',
  contains: 'contains',
};

/** A YAML scalar that cannot be read as anything but this text. */
const yaml = (text: string): string => JSON.stringify(oneLine(text));

function frontMatter(view: CampaignView): string {
  const { brief, final } = view;
  const lines = [
    '---',
    'license: other',
    'license_name: unknown',
    'library_name: trex-bot',
    'pipeline_tag: text-generation',
  ];
  lines.push('tags:', '- fine-tuned', '- trex-bot');
  if (brief) {
    const data = brief.data.kind === 'task' ? [brief.data.task] : [brief.data.train.name];
    lines.push(`base_model: ${yaml(brief.scope.baseModel)}`);
    lines.push(
      'datasets:',
      ...[...data, ...view.addedData.map(({ name }) => name)].map((name) => `- ${yaml(name)}`),
    );
    lines.push('metrics:', `- ${hubMetric[brief.metric]}`);
    if (final)
      lines.push(
        'model-index:',
        `- name: ${yaml(view.title)}`,
        '  results:',
        '  - task:',
        '      type: text-generation',
        '    dataset:',
        `      name: ${yaml(`${data[0] ?? view.title} (held-out test split)`)}`,
        `      type: ${yaml(data[0] ?? 'custom')}`,
        '      split: test',
        '    metrics:',
        `    - type: ${hubMetric[brief.metric]}`,
        `      name: ${yaml(metricText[brief.metric])}`,
        `      value: ${Number(final.bestTest.value.toFixed(4))}`,
      );
  }
  lines.push('---');
  return lines.join('\n');
}

/** A Hugging Face model card (README.md beside the weights). Says what is not known instead of leaving it out. */
export function modelCard(view: CampaignView): string {
  const { brief, final, splits } = view;
  const winner = winningTrial(view);
  const base = brief ? code(brief.scope.baseModel) : 'an unknown base model';
  const metric = brief ? metricText[brief.metric] : 'the metric';
  const blocks: string[] = [frontMatter(view), `# ${md(view.title)}`];
  blocks.push(
    `A fine-tune of ${base}, found by a tree of ${countText(view.nodes.length, 'experiment')}. Not reviewed by a person beyond the approvals in its thread.`,
  );

  blocks.push('## Intended use');
  blocks.push(
    `${brief ? md(sentence(brief.goal)) : 'The goal was not recorded.'} It was trained and measured for this one task on this one source of data; other uses are untested.`,
  );

  blocks.push('## Training data and recipe');
  const recipe: string[] = [];
  if (brief?.data.kind === 'attached')
    recipe.push(
      `Data: ${code(brief.data.train.name)}, ${countText(brief.data.train.rows, 'usable row')}, sha256 ${code(brief.data.train.sha256)}`,
    );
  if (brief?.data.kind === 'task')
    recipe.push(`Data: task ${code(brief.data.task)} of the built-in catalogue`);
  for (const file of view.addedData)
    recipe.push(
      `Added while it ran: ${code(file.name)}, ${countText(file.rows, 'usable row')}, sha256 ${code(file.sha256)}`,
    );
  if (splits)
    recipe.push(
      `Splits: ${numberText(splits.train)} train, ${numberText(splits.search)} search, ${numberText(splits.select)} select, ${numberText(splits.test)} test; training rows that match an evaluation item were dropped`,
    );
  if (winner?.trial)
    recipe.push(`Training: ${md(winner.trial.summary)} (run spec ${code(winner.trial.specHash)})`);
  const steps = pathNumbers(shapeOf(view))
    .map((number) => view.nodes.find((node) => node.number === number))
    .flatMap((node) => (node && node.parent !== null ? [`#${node.number} ${md(node.title)}`] : []));
  if (steps.length > 0) recipe.push(`Steps from the base model: ${steps.join(' → ')}`);
  blocks.push(recipe.length > 0 ? recipe.map((item) => `- ${item}`).join('\n') : 'Not recorded.');

  blocks.push('## Evaluation');
  if (final) {
    const rows = [
      ['base model', 'test', intervalText(final.baselineTest), String(final.baselineTest.n)],
      ['this model', 'test', `**${intervalText(final.bestTest)}**`, String(final.bestTest.n)],
      ...final.confirmations.map((one) => [
        `same recipe, seed ${one.seed}`,
        'select',
        intervalText(one.score),
        String(one.score.n),
      ]),
    ];
    blocks.push(table(['model', 'split', `${metric} (95 % interval)`, 'items'], rows, [2, 3]));
    const delta = final.testDifference;
    blocks.push(
      `Paired on the same test items, opened once: ${differenceText(delta)}, ${pText(delta.pValue)}. ${delta.low > 0 ? 'The improvement is more than noise.' : '**No improvement over the base model is shown.**'}${final.seedNoise === null ? '' : ` Standard deviation between seeds: ${valueText(final.seedNoise)}.`}`,
    );
  } else {
    blocks.push(
      winner?.node.score
        ? `Only on the search split, on which it was chosen: ${intervalText(winner.node.score)}. The test split was never opened.`
        : 'None.',
    );
  }

  const standard = final?.standardTasks ?? [];
  if (standard.length > 0)
    blocks.push(
      'Standard tasks (lm-eval), against the base model; behind ± is half of the 95 % interval:',
      standardTable(standard),
      standardVerdict(standard),
    );

  blocks.push('## Limits');
  const limits = [
    'The license of the base model and of the data was not checked; that is why it says `other`.',
    'The test split comes from the same source as the training data. Other sources may score lower.',
    'No evaluation of safety, bias or private data was made.',
  ];
  const retention = retentionText(winner?.trial);
  if (retention !== null) limits.unshift(`Forgetting: ${retention}.`);
  else if (standard.length === 0) limits.unshift('How much general ability was lost is not measured.');
  const mistakes = winner?.node.diagnosis?.mistakes.slice(0, 3) ?? [];
  for (const mistake of mistakes)
    limits.push(`Known mistakes: ${md(mistake.kind)} (${mistake.count} on search)`);
  if (brief)
    limits.push(
      `Inputs of more than ${numberText(brief.scope.maxSequenceTokens)} tokens, prompt and answer together, are out of range.`,
    );
  blocks.push(limits.map((item) => `- ${item}`).join('\n'));

  if (final)
    blocks.push(
      '## Make it again',
      codeBlock([final.reproduce], 'sh'),
      `Weights sha256: ${code(final.weightsSha256)}`,
    );
  return `${blocks.join('\n\n')}\n`;
}
