import { describe, expect, test } from 'vitest';
import { runRecipe } from '../run-recipe.ts';
import { recipeOf } from '../testing/arbitraries.ts';
import type { Row, RunPython } from '../types.ts';

const conversation = {
  turns: [
    { role: 'user' as const, content: 'u' },
    { role: 'assistant' as const, content: 'a' },
    { role: 'user' as const, content: '5 May 2021' },
  ],
  tools: '[{"name": "f"}]',
};
const row: Row = {
  prompt: 'user: u\nassistant: a\nuser: 5 May 2021',
  completion: '{"name": "f", "arguments": {}}',
  conversation,
  answerCalls: [{ name: 'f', arguments: '{}' }],
};
const code = 'def map_row(row):\n    return row';
const python = { op: 'python_map' as const, purpose: 'a test', code };
const mapTo =
  (change: (given: Row) => object): RunPython =>
  async ({ rows }) =>
    rows
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => `${JSON.stringify([change(JSON.parse(line) as Row)])}\n`)
      .join('');
const run = (steps: Parameters<typeof recipeOf>[0], rows: Row[], runPython?: RunPython) =>
  runRecipe(recipeOf(steps), async () => rows, runPython === undefined ? {} : { runPython });

describe('a conversation', () => {
  test('goes through a recipe whole', async () => {
    const steps = [
      { op: 'dedup_exact' as const },
      { op: 'filter_length' as const, minCharacters: 1, maxCharacters: 500 },
      { op: 'sort_by_length' as const, direction: 'short_first' as const },
      python,
    ];
    const { rows } = await run(
      steps,
      [row, row],
      mapTo((given) => ({ ...given, conversation: 'mine' })),
    );
    expect(rows).toEqual([{ ...row, source: 'pool' }]);
  });

  test('with other tools is no repeat', async () => {
    const other = { ...row, conversation: { turns: conversation.turns } };
    expect((await run([{ op: 'dedup_exact' }], [row, other])).rows).toHaveLength(2);
  });

  test('is no pattern for made rows: its prompt is only the text of its turns', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => ({
      ...row,
      prompt: `user: ${i + 2000}`,
      completion: `${i + 2000}`,
    }));
    for (const op of ['synth_surface', 'synth_swap_spans'] as const)
      expect((await run([{ op, rows: 10 }], rows)).rows).toHaveLength(30);
  });

  test('loses its calls to another answer, and keeps code from changing its prompt', async () => {
    const { rows } = await run(
      [python],
      [row],
      mapTo((given) => ({ ...given, completion: 'no' })),
    );
    expect(rows[0]).not.toHaveProperty('answerCalls');
    expect(rows[0]?.conversation).toEqual(conversation);
    await expect(
      run(
        [python],
        [row],
        mapTo((given) => ({ ...given, prompt: 'p' })),
      ),
    ).rejects.toThrow('it changed the prompt of a conversation');
  });
});
