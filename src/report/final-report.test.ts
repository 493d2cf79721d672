import { describe, expect, test } from 'vitest';
import { buildCampaignView, buildNode, viewOf } from '../../test/support/campaign-view.ts';
import { modelCard, reportMarkdown } from './final-report.ts';

const done = buildCampaignView({ nodes: 14, seed: 6, failures: 0.2, state: 'finished' });
const hostile = '| <script>alert(1)</script> [x](javascript:1) ``` \n# heading';

describe('report.md', () => {
  const report = reportMarkdown(done);

  test('has every part, once and in order', () => {
    expect([...report.matchAll(/^## (.*)$/gm)].map((found) => found[1])).toEqual([
      'What was asked',
      'Result',
      'Tree',
      'What worked and what did not',
      'Checks',
      'Cost',
      'Make it again',
      'Every node',
      'Three terms',
    ]);
  });

  test('puts an interval beside every score and lists every node and trial', () => {
    expect(report).toMatch(/\*\*0\.\d{3} \(0\.\d{3} to [01]\.\d{3}\)\*\*/);
    for (const node of done.nodes) expect(report).toContain(`### #${node.number} `);
    const specs = done.nodes.flatMap((node) => node.trials.map((trial) => trial.specHash.slice(0, 12)));
    for (const spec of specs) expect(report).toContain(spec);
    expect(report).toContain('trex reproduce c-7f3a#');
  });

  test('gives failures with whose fault and the log', () => {
    expect(report).toContain('### Failed');
    expect(report).toContain('learning rate 0.3 is too high here. The settings of this round are the cause.');
    expect(report).toContain('step 41 loss 5.2');
  });

  test('keeps its tables whole', () => {
    const widths = new Set(
      report
        .split('\n\n')
        .filter((block) => block.startsWith('|'))
        .map((block) => new Set(block.split('\n').map((line) => line.match(/(?<!\\)\|/g)?.length)).size),
    );
    expect(widths).toEqual(new Set([1]));
  });

  test('says so when the gain is not shown', () => {
    const none = { ...done.final!.testDifference, low: -0.01 };
    const view = { ...done, final: { ...done.final!, testDifference: none } };
    expect(reportMarkdown(view)).toContain('is **not** shown to be better than the base model');
    expect(modelCard(view)).toContain('**No improvement over the base model is shown.**');
  });

  test('is honest about a campaign that ended early, or never began', () => {
    const early = reportMarkdown(buildCampaignView({ nodes: 9, state: 'stopped' }));
    expect(early).toContain('ended before the test split was opened');
    expect(early).toContain('never confirmed');
    const never = reportMarkdown(viewOf([], { state: 'stopped' }));
    expect(never).toContain('The request never became a brief.');
    expect(never).toContain('No node has a score.');
    expect(never).not.toMatch(/undefined|NaN|null/);
  });

  test('text of models cannot become markup', () => {
    const node = buildNode({
      number: 1,
      title: hostile,
      hypothesis: hostile,
      diagnosis: { summary: hostile, mistakes: [{ kind: hostile, count: 1, example: hostile }] },
      failure: { code: 'bad_data', fault: 'data', message: hostile, log: [hostile] },
      state: 'failed',
    });
    const text = reportMarkdown(viewOf([buildNode({ number: 0 }), node], { title: hostile }));
    const outsideCode = text
      .replace(/```[\s\S]*?\n```/g, '')
      .replace(/\\`/g, '')
      .replace(/`[^`\n]*`/g, '');
    expect(outsideCode).not.toContain('<script');
    expect(outsideCode).not.toMatch(/(?<!\\)\[x(?<!\\)\]\(/);
    expect(text).not.toMatch(/^# heading/m);
    expect(text.match(/^```/gm)?.length).toBe(2);
  });

  test('copes with 2,000 nodes', () => {
    expect(reportMarkdown(buildCampaignView({ nodes: 2000 })).length).toBeGreaterThan(500_000);
  });
});

describe('the model card', () => {
  const card = modelCard(done);

  test('begins with front matter that names what is not known', () => {
    const [, matter] = card.split(/^---$/m);
    expect(matter).toContain('license: other');
    expect(matter).toContain('base_model: "nano-154k"');
    expect(matter).toContain('datasets:\n- "dates.jsonl"');
    expect(matter).toContain('metrics:\n- exact_match');
    expect(matter).toMatch(/ {6}value: 0\.\d+/);
  });

  test('has use, data, evaluation with intervals, limits', () => {
    expect([...card.matchAll(/^## (.*)$/gm)].map((found) => found[1])).toEqual([
      'Intended use',
      'Training data and recipe',
      'Evaluation',
      'Limits',
      'Make it again',
    ]);
    expect(card).toMatch(/\| this model \| test \| \*\*0\.\d{3} \(/);
    expect(card).toContain('Forgetting: general loss');
  });

  test('front matter cannot be broken out of', () => {
    const text = modelCard({ ...done, title: 'x"\n---\nlicense: mit' });
    expect(text.match(/^---$/gm)?.length).toBe(2);
    expect(text).not.toMatch(/^license: mit/m);
    expect(text).toContain('- name: "x\\" --- license: mit"');
  });

  test('exists without a brief or a result', () => {
    expect(modelCard(viewOf([]))).toContain('license: other');
  });
});
