import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runRecipe } from '../../src/recipe/run-recipe.ts';
import { recipeOf } from '../../src/recipe/testing/arbitraries.ts';
import type { Row } from '../../src/recipe/types.ts';
import { type OpenSandbox, openSandbox } from '../support/sandbox/open-sandbox.ts';

/** A recipe with code, run by the real Python in the real sandbox. */

let box: OpenSandbox;
beforeAll(() => {
  box = openSandbox();
});
afterAll(() => box.close());

const pool: Row[] = Array.from({ length: 40 }, (_, i) => ({
  prompt: `date: ${i + 1} May`,
  completion: i % 4 === 0 ? 'no idea' : `05-${i + 1}`,
}));
const run = (code: string, rows = pool) =>
  runRecipe(recipeOf([{ op: 'python_map', purpose: 'a test', code }]), async () => rows, {
    runPython: box.sandbox.run,
  });
const failureOf = async (code: string, rows = pool): Promise<string> =>
  run(code, rows).then(
    () => 'it ran',
    (error: Error) => error.message,
  );

describe('code over rows', () => {
  test('maps', async () => {
    const { rows } = await run(
      'def map_row(row):\n    return {**row, "completion": row["completion"].upper()}',
    );
    expect(rows).toHaveLength(40);
    expect(rows[0]).toEqual({ prompt: 'date: 1 May', completion: 'NO IDEA', source: 'pool' });
    expect(rows.map((r) => r.prompt)).toEqual(pool.map((r) => r.prompt));
  });

  test('filters', async () => {
    const { rows, trace } = await run(
      'def map_row(row):\n    return None if row["completion"] == "no idea" else row',
    );
    expect(rows).toHaveLength(30);
    expect(trace.at(-1)).toEqual({ step: 'run code: a test', before: 40, after: 30 });
  });

  test('makes several of one, in order', async () => {
    const { rows } = await run(
      'def map_row(row):\n    return [row, {"prompt": row["prompt"] + "?", "completion": row["completion"]}]',
    );
    expect(rows.slice(0, 4).map((r) => r.prompt)).toEqual([
      'date: 1 May',
      'date: 1 May?',
      'date: 2 May',
      'date: 2 May?',
    ]);
  });

  test('may remember earlier rows', async () => {
    const { rows } = await run(
      'seen = set()\ndef map_row(row):\n    if row["completion"] in seen:\n        return None\n    seen.add(row["completion"])\n    return row',
    );
    expect(rows).toHaveLength(31);
  });

  test('gives the same rows twice, with sets and draws', async () => {
    const code =
      'import random\ndef map_row(row):\n    words = list(set(row["prompt"].split()) | {"a", "b", "c"})\n    return {"prompt": " ".join(words), "completion": str(random.random())}';
    expect((await run(code)).rows).toEqual((await run(code)).rows);
  });

  test('keeps letters of all scripts, and leaves out what is half a letter', async () => {
    const rows = ['día', '日付', '😀', 'x\u0000'].map((prompt) => ({ prompt, completion: 'ok' }));
    const same = await run('def map_row(row):\n    return row', rows);
    expect(same.rows.map((r) => r.prompt)).toEqual(['día', '日付', '😀']);
    expect(same.trace.at(-1)?.note).toBe('1 row came out empty or not as text and was left out');
    const half = await run(
      'def map_row(row):\n    return [row, {**row, "prompt": "\\ud800"}]',
      rows.slice(0, 3),
    );
    expect(half.trace.at(-1)?.note).toMatch(/^3 rows came out/);
  });

  test('may print; that is no answer', async () => {
    const { rows } = await run(
      'import sys\nprint("[{}]")\ndef map_row(row):\n    print("[]", flush=True)\n    sys.stderr.write("noise")\n    return row',
    );
    expect(rows).toHaveLength(40);
  });

  test('reads nothing of its input by itself', async () => {
    const { rows } = await run(
      'import sys\nrest = sys.stdin.read()\ndef map_row(row):\n    return row if rest == "" else None',
    );
    expect(rows).toHaveLength(40);
  });

  test('takes 20,000 rows in one go', async () => {
    const many = Array.from({ length: 20_000 }, (_, i) => ({
      prompt: `p ${i}`,
      completion: 'c'.repeat(100),
    }));
    expect((await run('def map_row(row):\n    return row', many)).rows).toHaveLength(20_000);
  });
});

describe('code that fails says on which row, why and where', () => {
  test.each([
    [
      'an error on a row',
      'def map_row(row):\n    if row["prompt"].startswith("date: 17 "):\n        return row["anwser"]\n    return row',
      "Its code failed on row 17: KeyError: 'anwser' (line 3).",
    ],
    [
      'an error before the first',
      'x = 1 / 0\ndef map_row(row): pass',
      'Its code failed before the first row: ZeroDivisionError: division by zero (line 1).',
    ],
    [
      'no Python',
      'def map_row(row)\n    return row',
      "Its code failed before the first row: SyntaxError: expected ':' (line 1).",
    ],
    [
      'no module',
      'import numpy_of_nobody\ndef map_row(row): pass',
      "ModuleNotFoundError: No module named 'numpy_of_nobody' (line 1)",
    ],
    [
      'an exit',
      'import sys\ndef map_row(row):\n    sys.exit("done")',
      'Its code failed on row 1: SystemExit: done (line 3).',
    ],
    [
      'an end of Python',
      'import os\ndef map_row(row):\n    os._exit(3)',
      'Its code ended Python itself, so there are no rows of it.',
    ],
    [
      'endless recursion',
      'def map_row(row):\n    return map_row(row)',
      'RecursionError: maximum recursion depth exceeded',
    ],
    ['a crash', 'import ctypes\ndef map_row(row):\n    ctypes.string_at(0)', 'Its code ended Python itself'],
    [
      'text instead of a row',
      'def map_row(row):\n    return "x"',
      'TypeError: map_row must return a dict, a list of dicts or None, not str',
    ],
    [
      'NaN',
      'def map_row(row):\n    return {**row, "x": float("nan")}',
      'ValueError: Out of range float values are not JSON compliant',
    ],
    [
      'what JSON cannot hold',
      'def map_row(row):\n    return {**row, "x": {1, 2}}',
      'TypeError: Object of type set is not JSON serializable',
    ],
    [
      'a deep nest',
      'def map_row(row):\n    x = []\n    for _ in range(10**5): x = [x]\n    return {**row, "x": x}',
      'RecursionError',
    ],
    [
      'a name that shouts at the thread',
      'def map_row(row):\n    raise Exception("<!channel>\\n" + "x" * 9999)',
      /^Its code failed on row 1: Exception: <!channel> x{100,}/,
    ],
    [
      'a made-up end',
      'import os\ndef map_row(row):\n    os.write(4, b\'[{"prompt": "a", "completion": "b"}]\\n\' * 40)\n    os._exit(0)',
      'it ran',
    ],
    [
      'a made-up answer of another kind',
      'import os\ndef map_row(row):\n    os.write(4, b"{\\"rows\\": 1}\\n")\n    os._exit(0)',
      'Its code did not give rows: what came out for row 1 is no row',
    ],
    [
      'a part of the answers',
      'import os\nn = 0\ndef map_row(row):\n    global n\n    n += 1\n    if n == 3: os._exit(0)\n    os.write(4, b"[]\\n")',
      'Its code did not give rows: only 2 of 40 rows answered.',
    ],
  ])('%s', async (_name, code, sentence) => {
    if (typeof sentence === 'string') expect(await failureOf(code)).toContain(sentence);
    else expect(await failureOf(code)).toMatch(sentence);
  });
});
