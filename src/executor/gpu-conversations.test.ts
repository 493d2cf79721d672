import { expect, test } from 'vitest';
import type { Row } from '../recipe/types.ts';
import type { GpuModel } from './engines/gpu/models.ts';
import { askedItem, trainingRows } from './engines/gpu/render-rows.ts';
import { unfitRow } from './engines/gpu/unfit-row.ts';

const model: GpuModel = {
  id: 'm',
  title: 'M',
  path: '/m',
  chat: true,
  maxSequenceTokens: 512,
  shape: { parameters: 1, layers: 1, hidden: 1, feedForward: 1, vocabulary: 1, keyValueWidth: 1 },
};
const plainModel = { ...model, chat: false };
const use = { baseModel: 'm', maxSequenceTokens: 512 };
const call = { id: 'c1', name: 'f', arguments: '{"n": 9007199254740993}' };
const row: Row = {
  prompt: 'user: u\nassistant: {"name": "f", "arguments": {"n": 9007199254740993}}\ntool: 7',
  completion: 'Again.\n{"name": "f", "arguments": {"n": 9007199254740993}}',
  conversation: {
    turns: [
      { role: 'user', content: 'u' },
      { role: 'assistant', content: '', toolCalls: [call] },
      { role: 'tool', content: '7', toolCallId: 'c1', name: 'f' },
    ],
    tools: '[{"name": "f"}]',
  },
  answerCalls: [call],
};
const asked = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{"n": 9007199254740993}' } };
const messages = [
  { role: 'user', content: 'u' },
  { role: 'assistant', content: '', tool_calls: [asked] },
  { role: 'tool', content: '7', tool_call_id: 'c1', name: 'f' },
];

test('a chat model gets turns, tools and the turn that answers', () => {
  const { prompt, completion } = row;
  expect(trainingRows([row, { prompt: 'p', completion: 'c', source: 'x' }], model, false)).toEqual([
    {
      prompt,
      completion,
      messages,
      tools: '[{"name": "f"}]',
      answer: { role: 'assistant', content: 'Again.', tool_calls: [asked] },
    },
    { prompt: 'p', completion: 'c' },
  ]);
  expect(askedItem({ id: '1', prompt, conversation: row.conversation! }, model)).toEqual({
    id: '1',
    prompt,
    messages,
    tools: '[{"name": "f"}]',
  });
});

test('any other model gets the prompt, and no rows that need turns', () => {
  const turns = [
    { role: 'system' as const, content: 's' },
    { role: 'user' as const, content: 'u' },
  ];
  const single: Row = { prompt: 's\n\nu', completion: 'c', conversation: { turns } };
  expect(trainingRows([single], plainModel, false)).toEqual([{ prompt: 's\n\nu', completion: 'c' }]);
  expect(unfitRow(single, use, plainModel)).toBeNull();
  expect(unfitRow(row, use, plainModel)).toMatch(/conversations of several turns or with tools/);
  expect(unfitRow(row, use, model)).toBeNull();
});

test.each([['dpo' as const], ['grpo' as const]])('%s does not train on tools', (objective) => {
  expect(unfitRow(row, { ...use, objective }, model)).toMatch(/^with tools, which/);
  const { answerCalls: _, ...rest } = row;
  const spoken: Row = { ...rest, completion: 'c', conversation: { turns: row.conversation!.turns } };
  expect(unfitRow(spoken, { ...use, objective }, model)).toBeNull();
});

test('what no vocabulary could make fit is known before anything runs', () => {
  const long = (words: number): Row => ({ prompt: 'word '.repeat(words), completion: 'c' });
  expect(unfitRow(long(2000), use, model)).toBe('far longer than the 512 tokens that it reads at once');
  expect(unfitRow(long(500), use, model)).toBeNull();
});
