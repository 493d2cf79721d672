import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type GpuPlace, jobOf, openGpuPlace, writeTasks } from '../support/gpu-engine/gpu-place.ts';
import { pythonOf } from '../support/gpu-engine/python.ts';

const runner = fileURLToPath(new URL('../../src/executor/engines/gpu/runner/', import.meta.url));
const standIns = fileURLToPath(new URL('../support/gpu-engine/stand-ins/', import.meta.url));

describe.concurrent('with the real lm-eval', () => {
  let place: GpuPlace;
  beforeAll(() => {
    place = openGpuPlace('trl', (root) => ({ tasks: [], folder: writeTasks(root), limit: 4 }));
  });
  afterAll(() => place.remove());
  const run = (tasks: string[], standard: 'measure' | 'try') =>
    place.run(
      tasks.join('-').replaceAll('_', '-'),
      { ...jobOf(place.engine, null), standard },
      (rendered) => {
        rendered.standard?.tasks.push(...tasks);
      },
    );

  test('a group counts once, and tells how many tasks it holds', async () => {
    expect(await run(['words'], 'measure')).toMatchObject({
      ok: true,
      standard: {
        scores: [{ task: 'words', metric: 'acc', items: 8, higherIsBetter: true }],
        tasks: 2,
      },
    });
  });

  test('an unknown task is a setting that is wrong, by its name', async () => {
    expect(await run(['caps', 'capz'], 'try')).toMatchObject({
      ok: false,
      failure: {
        ...{ code: 'bad_config', fault: 'config' },
        message: expect.stringMatching(/capz.*TREX_LM_EVAL_TASKS/),
      },
    });
  });

  test('rows that are not on the machine are the environment, and nothing is fetched', async () => {
    expect(await run(['arc_easy'], 'try')).toMatchObject({
      ok: false,
      failure: {
        ...{ code: 'environment', fault: 'cluster' },
        message: expect.stringMatching(/not on this machine.*TREX_HF_DOWNLOADS/),
        log: expect.arrayContaining([expect.stringContaining('ai2_arc')]),
      },
    });
  });
});

describe('what lm-eval leaves', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'trex-lm-eval-'));
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  /** The runner's reading of a stand-in that writes this as its results and ends with code 0. */
  function left(text: string, { tasks = ['arc_easy'], path = standIns, stops = false } = {}): unknown {
    const program = [
      'import json, sys, time',
      'from trex_failure import RunFailure, describe',
      'from trex_lm_eval import standard_scores',
      'tasks, folder, stops = json.load(sys.stdin)',
      'run = {"standard": {"tasks": tasks, "folder": None, "limit": 4}, "precision": "fp32", "device": "cpu", "seed": 7, "chat": False}',
      'try:',
      '    print(json.dumps(standard_scores(run, "model", folder, lambda: stops)))',
      'except RunFailure as error:',
      '    print(json.dumps(describe(error)))',
    ].join('\n');
    const dir = mkdtempSync(join(folder, 'run-'));
    const output = execFileSync(pythonOf('trl'), ['-B', '-c', program], {
      cwd: runner,
      input: JSON.stringify([tasks, dir, stops]),
      encoding: 'utf8',
      env: { PATH: process.env.PATH, PYTHONPATH: path, FAKE_LM_EVAL: text },
    });
    return JSON.parse(output);
  }

  const report = (more: object = {}): string =>
    JSON.stringify({
      results: {
        arc_easy: {
          ...{ name: 'arc_easy', alias: 'arc_easy', sample_len: 4 },
          ...{
            'acc,none': 0.5,
            'acc_stderr,none': 0.25,
            'acc_norm,none': 0.75,
            'acc_norm_stderr,none': 'N/A',
          },
        },
      },
      group_subtasks: {},
      higher_is_better: { arc_easy: { acc: true, acc_norm: true } },
      'n-samples': { arc_easy: { original: 2376, effective: 4 } },
      ...more,
    });

  test('the usual metric of a task, with its error where it has one', () => {
    const score = { task: 'arc_easy', metric: 'acc_norm', value: 0.75, standardError: null };
    expect(left(report())).toEqual([[{ ...score, items: 4, higherIsBetter: true }], 1]);
  });

  test('a name that stands for several tasks gives them all', () => {
    const wiki = { 'word_perplexity,none': 9.5, 'word_perplexity_stderr,none': 0.1 };
    const more = {
      results: { wikitext: wiki, boolq: { 'acc,none': 0.5, 'acc_stderr,none': 0.1 } },
      higher_is_better: { wikitext: { word_perplexity: false }, boolq: { acc: true } },
      'n-samples': { wikitext: { effective: 62 }, boolq: { effective: 4 } },
    };
    expect(left(report(more), { tasks: ['a_tag'] })).toMatchObject([
      [{ task: 'wikitext', metric: 'word_perplexity', value: 9.5, higherIsBetter: false }, { task: 'boolq' }],
      2,
    ]);
  });

  test('no file is a failure, whatever the exit code says', () => {
    expect(left('')).toMatchObject({
      ...{ class: 'environment', code: 'environment' },
      message: expect.stringContaining('left no results'),
      log: ['Saving results aggregated'],
    });
  });

  test.each([['{"results": '], ['{}'], ['[]'], [report({ results: { arc_easy: { 'acc,none': 'N/A' } } })]])(
    'a file that says nothing is one too: %s',
    (text) => {
      expect(left(text)).toMatchObject({
        code: 'environment',
        message: expect.stringContaining('cannot read the results'),
      });
    },
  );

  test('a wish to stop ends it', () => {
    expect(left('wait', { stops: true })).toMatchObject({ code: 'cancelled' });
  });

  test('that it is not installed is said with the file that installs it', () => {
    const without = join(folder, 'without');
    mkdirSync(join(without, 'lm_eval'), { recursive: true });
    writeFileSync(
      join(without, 'lm_eval/__init__.py'),
      'raise ModuleNotFoundError("No module named \'lm_eval\'")',
    );
    expect(left('', { path: without })).toMatchObject({
      code: 'environment',
      message: expect.stringContaining('requirements-lm-eval.txt'),
    });
  });
});
