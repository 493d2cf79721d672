import { describe, expect, test } from 'vitest';
import { readDataset } from './read-dataset.ts';

const jsonl = (rows: unknown[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join('');
const read = (rows: unknown[]) => readText(jsonl(rows));
const readText = (text: string) => readDataset({ name: 'x.jsonl', bytes: new TextEncoder().encode(text) });
const turn = (role: string, content: string, more: object = {}) => ({ role, content, ...more });

const several = [turn('system', 's'), turn('user', 'u'), turn('assistant', 'a'), turn('user', 'v')];
const asText = 'system: s\nuser: u\nassistant: a\nuser: v';

describe('a chat', () => {
  test('keeps its turns beside their text, up to the last answer', async () => {
    const { rows, report } = await read([
      { messages: [...several, turn('assistant', 'b'), turn('user', 'bye')] },
    ]);
    expect(rows).toEqual([{ prompt: asText, completion: 'b', conversation: { turns: several } }]);
    expect(report).toMatchObject({ conversations: 1, columns: { prompt: 'messages' } });
    expect(report.warnings).toContain(
      '1 row is a conversation of several turns or with tools: the last answer is learned, what stands before it is read.',
    );
  });

  test('of one question is a prompt, also below a system turn', async () => {
    const { rows, report } = await read([
      { messages: [turn('system', 's'), turn('user', 'u'), turn('assistant', 'a')] },
      { messages: [turn('user', 'u'), turn('assistant', 'a')] },
    ]);
    expect(rows.map(({ prompt }) => prompt)).toEqual(['s\n\nu', 'u']);
    expect(rows[1]?.conversation).toBeUndefined();
    expect(report.conversations).toBeUndefined();
  });

  test.each([
    ['weight', { weight: 0 }],
    ['train', { train: false }],
  ])('answers the last turn that %s does not hold back', async (_, mark) => {
    const messages = [
      turn('user', 'u'),
      turn('assistant', 'a'),
      turn('user', 'v'),
      turn('assistant', 'b', mark),
    ];
    const { rows, report } = await read([
      { messages },
      { messages: [turn('user', 'u'), turn('assistant', 'a', mark)] },
      {
        messages: [
          ...messages.slice(0, 1),
          turn('assistant', 'a', mark),
          turn('user', 'v'),
          turn('assistant', 'b'),
        ],
      },
    ]);
    expect(rows).toMatchObject([
      { prompt: 'u', completion: 'a' },
      { completion: 'b', conversation: { turns: [{}, { content: 'a', weight: 0 }, {}] } },
    ]);
    expect(report.heldBack).toEqual({ 'messages.weight': 1 });
  });

  test('names what it does not read of turns', async () => {
    const { report } = await read([
      { messages: [turn('user', 'u'), turn('assistant', 'a', { reasoning_content: 'because' })] },
    ]);
    expect(report.warnings).toContain('Of turns and tools I leave out `reasoning_content`.');
  });

  test.each([
    [[turn('user', 'u'), turn('alice', 'a')], '`messages` holds a turn of `alice`'],
    [[turn('user', 'u')], '`messages` has no assistant turn'],
    [[turn('system', 's'), turn('assistant', 'a')], '`messages` has nothing before the assistant turn'],
    [
      [{ role: 'user', content: [{ type: 'image', url: 'x' }] }, turn('assistant', 'a')],
      '`messages` holds a turn with a part that is not text',
    ],
    [[{ role: 'user' }, turn('assistant', 'a')], '`messages` holds a turn without text'],
    [[turn('user', 'u'), 'a'], '`messages` holds a turn that is no object'],
    ['hello', '`messages` is not a list of turns'],
  ])('%j is refused', async (messages, reason) => {
    const good = { messages: [turn('user', 'u'), turn('assistant', 'a')] };
    const { report } = await read([good, { messages }]);
    expect(report.badExamples).toMatchObject([{ line: 2, reason }]);
  });
});

describe('tools', () => {
  const tools = '[{"type": "function", "function": {"name": "weather", "limit": 2.50}}]';
  const call = { id: 'c1', type: 'function', function: { name: 'weather', arguments: '{"city": "Oslo"}' } };

  test('calls and the list of tools stay, numbers as they are written', async () => {
    const text = `{"messages": [{"role": "user", "content": "Oslo?"}, {"role": "assistant", "content": null, "tool_calls": [{"id": "c1", "function": {"name": "weather", "arguments": {"city": "Oslo", "n": 9007199254740993}}}]}, {"role": "tool", "tool_call_id": "c1", "name": "weather", "content": {"t": -3.0}}, {"role": "assistant", "content": "-3"}], "tools": ${tools}}`;
    const { rows, report } = await readText(text);
    expect(rows).toEqual([
      {
        prompt:
          'user: Oslo?\nassistant: {"name": "weather", "arguments": {"city": "Oslo", "n": 9007199254740993}}\ntool: {"t": -3.0}',
        completion: '-3',
        conversation: {
          tools,
          turns: [
            turn('user', 'Oslo?'),
            turn('assistant', '', {
              toolCalls: [
                { id: 'c1', name: 'weather', arguments: '{"city": "Oslo", "n": 9007199254740993}' },
              ],
            }),
            turn('tool', '{"t": -3.0}', { toolCallId: 'c1', name: 'weather' }),
          ],
        },
      },
    ]);
    expect(report).toMatchObject({ conversations: 1, badRows: 0 });
  });

  test.each([
    ['OpenAI', [turn('user', 'Oslo?'), { role: 'assistant', tool_calls: [call] }], tools],
    [
      'as text',
      [turn('user', 'Oslo?'), { role: 'assistant', function_call: call.function }],
      JSON.parse(tools),
    ],
    [
      'ShareGPT',
      [
        { from: 'human', value: 'Oslo?' },
        { from: 'function_call', value: '{"name": "weather", "arguments": {"city": "Oslo"}}' },
      ],
      tools,
    ],
  ])('an answer may be a call (%s)', async (_, messages, list) => {
    const { rows } = await read([{ conversations: messages, tools: list }]);
    expect(rows).toMatchObject([
      {
        prompt: 'Oslo?',
        completion: '{"name": "weather", "arguments": {"city": "Oslo"}}',
        answerCalls: [{ name: 'weather', arguments: '{"city": "Oslo"}' }],
        conversation: { turns: [turn('user', 'Oslo?')] },
      },
    ]);
    expect(JSON.parse(rows[0]?.conversation?.tools ?? '')).toEqual(JSON.parse(tools));
  });

  test.each([
    [{ ...call, function: { arguments: '{}' } }, '`messages` holds a tool call without a name'],
    [
      { ...call, function: { name: 'f', arguments: '{"a"' } },
      '`messages` calls `f` with arguments that are no JSON object',
    ],
  ])('%j is refused', async (bad, reason) => {
    const good = { messages: [turn('user', 'u'), turn('assistant', 'a')] };
    const row = { messages: [turn('user', 'u'), { role: 'assistant', tool_calls: [bad] }] };
    expect((await read([good, row])).report.badExamples[0]?.reason).toBe(reason);
  });

  test('a list of other things is a column that is left out', async () => {
    const { rows, report } = await read([{ prompt: 'p', completion: 'c', tools: ['hammer'] }]);
    expect(rows).toEqual([{ prompt: 'p', completion: 'c' }]);
    expect(report.warnings).toContain('Of turns and tools I leave out `tools`.');
  });
});

describe('pairs of answers', () => {
  const first = [turn('user', 'u'), turn('assistant', 'a'), turn('user', 'v')];
  const row = { completion: 'yes', rejected: 'no' };

  test.each([
    [
      'both with all their turns',
      { chosen: [...first, turn('assistant', 'yes')], rejected: [...first, turn('assistant', 'no')] },
    ],
    [
      'a prompt that they begin with',
      {
        prompt: 'u',
        chosen: [...first, turn('assistant', 'yes')],
        rejected: [...first, turn('assistant', 'no')],
      },
    ],
    [
      'a prompt that they go on from',
      {
        prompt: 'u',
        chosen: [...first.slice(1), turn('assistant', 'yes')],
        rejected: [...first.slice(1), turn('assistant', 'no')],
      },
    ],
    [
      'a prompt of turns',
      { prompt: first, chosen: [turn('assistant', 'yes')], rejected: [turn('assistant', 'no')] },
    ],
    ['a prompt of turns and texts', { prompt: first, chosen: 'yes', rejected: 'no' }],
    ['a worse answer as text', { chosen: [...first, turn('assistant', 'yes')], rejected: 'no' }],
  ])('answer the last question: %s', async (_, pair) => {
    const { rows, report } = await read([pair]);
    expect(rows).toEqual([
      { ...row, prompt: 'user: u\nassistant: a\nuser: v', conversation: { turns: first } },
    ]);
    expect(report.pairs).toBe(1);
  });

  test.each([
    [
      'part earlier',
      {
        chosen: [...first, turn('assistant', 'yes')],
        rejected: [first[0], turn('assistant', 'z'), first[2], turn('assistant', 'no')],
      },
      '`rejected` parts from the better answer before its last turn',
    ],
    [
      'answer different questions',
      {
        chosen: [turn('user', 'u'), turn('assistant', 'yes')],
        rejected: [turn('user', 'w'), turn('assistant', 'no')],
      },
      '`rejected` answers another question than the better answer',
    ],
    [
      'answer another question than the prompt',
      { prompt: 'p', chosen: [turn('user', 'u'), turn('assistant', 'yes')], rejected: 'no' },
      '`chosen` answers another question than the prompt',
    ],
  ])('that %s are refused', async (_, pair, reason) => {
    const good = { prompt: 'p', chosen: 'yes', rejected: 'no' };
    const rows =
      'prompt' in pair ? [good, pair] : [{ chosen: [turn('user', 'u'), turn('assistant', 'a')] }, pair];
    expect((await read(rows)).report.badExamples).toMatchObject([{ line: 2, reason }]);
  });
});

test('TRL’s prompt and completion as lists of turns are read', async () => {
  const { rows } = await read([
    { prompt: [turn('system', 's'), turn('user', 'u')], completion: [turn('assistant', 'a')] },
  ]);
  expect(rows).toMatchObject([{ prompt: 's\n\nu', completion: 'a', conversation: { turns: [{}, {}] } }]);
});

test('Alpaca’s history becomes earlier turns, below the system prompt', async () => {
  const { rows } = await read([
    { instruction: 'v', input: '', output: 'b', system: 's', history: [['u', 'a']] },
    { instruction: 'w', input: '', output: 'b', system: '', history: [] },
  ]);
  expect(rows).toEqual([
    { prompt: asText, completion: 'b', conversation: { turns: several } },
    { prompt: 'w', completion: 'b' },
  ]);
});
