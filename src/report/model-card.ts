import { trainFiles } from '../campaign/brief.ts';
import type { CampaignView, FinalResult, NodeView, TrialView } from '../campaign/view.ts';
import { countText, numberText } from '../lib/text.ts';
import type { MetricName } from '../scoring/types.ts';
import { differenceText, intervalText, oneLine, pText, rangeText, sentence, valueText } from './format.ts';
import { code, codeBlock, md, table } from './markdown.ts';
import { openedText } from './sentences/openings.ts';
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

/** The subject of the card: the winner with its tests, or another node, which has none. */
interface Subject {
  license: string | null;
  final: FinalResult | null;
  winner: { node: NodeView; trial: TrialView | undefined } | null;
}

/** A name that the Hub accepts as one of its own; it refuses cards with other names in these places. */
const hubName = (text: string): string =>
  oneLine(text)
    .replace(/[^\w./-]+/g, '-')
    .replace(/^[-./]+|[-./]+$/g, '') || 'unnamed';

function frontMatter(view: CampaignView, { license, final }: Subject): string {
  const { brief } = view;
  const lines = [
    '---',
    ...(license === null ? ['license: other', 'license_name: unknown'] : [`license: ${yaml(license)}`]),
    'library_name: trex-bot',
    'pipeline_tag: text-generation',
  ];
  lines.push('tags:', '- fine-tuned', '- trex-bot');
  if (brief) {
    const data =
      brief.data.kind === 'task' ? [brief.data.task] : trainFiles(brief.data).map(({ name }) => name);
    lines.push(`base_model: ${yaml(hubName(brief.scope.baseModel))}`);
    lines.push(
      'datasets:',
      ...[...data, ...view.addedData.map(({ name }) => name)].map((name) => `- ${yaml(hubName(name))}`),
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
        `      type: ${yaml(hubName(data[0] ?? 'custom'))}`,
        '      split: test',
        '    metrics:',
        `    - type: ${hubMetric[brief.metric]}`,
        `      name: ${yaml(`${metricText[brief.metric]}, 95 % interval ${rangeText(final.bestTest.low, final.bestTest.high)}`)}`,
        `      value: ${Number(final.bestTest.value.toFixed(4))}`,
      );
  }
  lines.push('---');
  return lines.join('\n');
}

/**
 * A Hugging Face model card (README.md beside the weights). States unknown values instead of leaving them out.
 * @param about `license` null: not known. `round`: unset is the winner; the test rows were opened for no other.
 */
export function modelCard(
  view: CampaignView,
  about: { license: string | null; round?: number } = { license: null },
): string {
  const subject = subjectOf(view, about);
  const { final, winner, license } = subject;
  const { brief, splits } = view;
  const base = brief ? code(brief.scope.baseModel) : 'an unknown base model';
  const metric = brief ? metricText[brief.metric] : 'the metric';
  const blocks: string[] = [frontMatter(view, subject), `# ${md(view.title)}`];
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
      ...trainFiles(brief.data).map(
        ({ name, rows, sha256 }) =>
          `Data: ${code(name)}, ${countText(rows, 'usable row')}, sha256 ${code(sha256)}`,
      ),
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
  const steps = pathTo(view, winner?.node).map((node) => `#${node.number} ${md(node.title)}`);
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
      `Paired on the same test items, ${openedText(view)}: ${differenceText(delta)}, ${pText(delta.pValue)}. ${delta.low > 0 ? 'The improvement is more than noise.' : '**No improvement over the base model is shown.**'}${final.seedNoise === null ? '' : ` Standard deviation between seeds: ${valueText(final.seedNoise)}.`}`,
    );
  } else {
    blocks.push(
      winner?.node.score
        ? `Only on the search split, on which it was chosen: ${intervalText(winner.node.score)}. The test split was not opened for it, so expect less on new data.`
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
    license === null
      ? 'The license of the base model and of the data was not checked; that is why it says `other`.'
      : `The license is the one that was configured (${code(license)}); nobody checked that base model and data allow it.`,
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

function subjectOf(
  view: CampaignView,
  { license, round }: { license: string | null; round?: number },
): Subject {
  if (round === undefined || round === view.final?.winner) {
    return { license, final: view.final, winner: winningTrial(view) };
  }
  const node = view.nodes.find((one) => one.number === round);
  if (node === undefined) return { license, final: null, winner: null };
  return {
    license,
    final: null,
    winner: { node, trial: node.trials.find((t) => t.index === node.bestTrial) },
  };
}

/** Nodes from the base model to this one, without the base model. */
function pathTo(view: CampaignView, node: NodeView | undefined): NodeView[] {
  const parent = view.nodes.find((one) => one.number === node?.parent);
  return node === undefined || node.parent === null ? [] : [...pathTo(view, parent), node];
}
