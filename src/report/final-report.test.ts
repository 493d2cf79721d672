import { describe, expect, test } from 'vitest';
import { buildCampaignView, buildNode, viewOf } from '../../test/support/campaign-view.ts';
import type { CampaignView, WeightsPlace } from '../campaign/view.ts';
import { reportMarkdown } from './final-report.ts';
import { forOutside } from './for-outside.ts';
import { modelCard } from './model-card.ts';
import { reportLines } from './sentences/report.ts';

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
    expect(report).toContain('learning rate 0.3 is too high here. The settings of this node are the cause.');
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
    expect(early).toContain('ended without a winner that has answered the test rows');
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

  test('states the license that was configured, and that nobody checked it', () => {
    const licensed = modelCard(done, { license: 'apache-2.0' });
    expect(licensed).toContain('license: "apache-2.0"');
    expect(licensed).not.toContain('license: other');
    expect(licensed).toContain('nobody checked');
  });

  test('of another round claims no test, and names only names that the Hub takes', () => {
    const other = done.nodes.find(
      (node) => node.score && node.parent !== null && node.number !== done.final?.winner,
    );
    const text = modelCard(done, { license: null, round: other?.number ?? 0 });
    expect(text).not.toContain('model-index');
    expect(text).toContain('The test split was not opened for it');
    expect(text).not.toContain('Make it again');
    expect(text).toContain(`#${other?.number} `);
    const named = {
      ...done,
      addedData: [{ name: 'my data (1).jsonl', sha256: 'a'.repeat(64), rows: 1, badRows: 0 }],
    };
    expect(modelCard(named)).toContain('- "my-data-1-.jsonl"');
  });
});

test('what leaves quotes no rows, names nobody and shows no path of ours', () => {
  const secrets = ['SECRET ROW', 'SECRET READING', 'SECRET LOG', 'Ana Secret', '/secret/path', 'secret-host'];
  const failure = { code: 'bad_data', fault: 'data' as const, message: 'Broken.', log: ['SECRET LOG'] };
  const view: CampaignView = {
    ...done,
    nodes: done.nodes.map((node) => ({
      ...node,
      failure: node.number === 2 ? failure : node.failure,
      approval: node.approval && { ...node.approval, state: 'approved' as const, decidedBy: 'Ana Secret' },
      diagnosis: {
        summary: 'SECRET READING',
        mistakes: [{ kind: 'dates', count: 3, example: 'SECRET ROW' }],
      },
    })),
    final: {
      ...done.final!,
      weightsPath: '/secret/path/weights.bin',
      weights: { host: 'secret-host', path: '/secret/path/weights.bin', bytes: 1, check: 'verified' },
    },
  };
  const told = (one: CampaignView): string => `${reportMarkdown(one)}${modelCard(one)}`;
  for (const secret of secrets.slice(0, 3)) expect(told(view)).toContain(secret);
  const outside = told(forOutside(view, 'weights.bin'));
  for (const secret of secrets) expect(outside, secret).not.toContain(secret);
  expect(outside).toContain('dates');
  expect(outside).toContain('`weights.bin`');
});

describe('where the weights are', () => {
  const said = (weights: WeightsPlace): string =>
    reportLines({ ...done, final: { ...done.final!, weights } }).find((line) => /eights/.test(line)) ?? '';
  const place = { host: null, path: '/data/campaigns/c-7f3a/model.safetensors', bytes: 15.2e9 };

  test('is said with their size and that they were checked', () => {
    expect(said({ ...place, check: 'verified' })).toMatch(
      /^Weights: `\/data\/campaigns\/c-7f3a\/model\.safetensors` \(15\.2 GB, sha256 [0-9a-f]{12}, checked\)\.$/,
    );
  });

  test('on a cluster comes with the command that copies them, safe to paste', () => {
    const there = { ...place, host: 'me@login', path: "/scratch/it's here/model.safetensors" };
    expect(said({ ...there, check: 'verified' })).toContain(
      "`scp 'me@login:/scratch/it'\\''s here/model.safetensors' .`",
    );
  });

  test('is no recommendation where they are wrong, missing or not looked at', () => {
    expect(said({ ...place, check: 'mismatch' })).toContain('*Do not use these weights*');
    expect(said({ ...place, bytes: null, check: 'missing' })).toContain('are not where the run left them');
    expect(said({ ...place, bytes: null, check: 'unchecked' })).toContain('the cluster did not answer');
  });

  test('what was removed of others is said once something was', () => {
    const weights = { kept: [done.final!.winner, 3], removedRuns: 12, removedBytes: 3.6e6 };
    expect(reportLines({ ...done, weights }).join('\n')).toContain(
      "Large files of 12 runs were removed to free 3.6 MB; besides the winner's, those of #3 are kept.",
    );
    expect(reportLines(done).join('\n')).not.toContain('removed');
  });
});
