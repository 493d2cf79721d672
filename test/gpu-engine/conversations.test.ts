import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { askedItem, trainingRows } from '../../src/executor/engines/gpu/render-rows.ts';
import { toJsonl } from '../../src/recipe/jsonl.ts';
import type { Row } from '../../src/recipe/types.ts';
import { full } from '../contracts/trainer.ts';
import { type GpuPlace, jobOf, openGpuPlace, tinyModel } from '../support/gpu-engine/gpu-place.ts';
import { pythonOf } from '../support/gpu-engine/python.ts';

const runner = fileURLToPath(new URL('../../src/executor/engines/gpu/runner/', import.meta.url));

let place: GpuPlace;
beforeAll(() => {
  place = openGpuPlace();
});
afterAll(() => place.remove());

const model = { ...tinyModel('/'), chat: true };
const call = { name: 'up', arguments: '{"w": "a"}' };
const turns = [
  { role: 'system' as const, content: 's' },
  { role: 'user' as const, content: 'u' },
  { role: 'assistant' as const, content: '', toolCalls: [call] },
  { role: 'tool' as const, content: '7' },
];
const rows: Row[] = [
  { prompt: 'x', completion: 'fine', conversation: { turns, tools: '[{"name": "up"}]' } },
  {
    prompt: 'x',
    completion: 'so:\n{"name": "up", "arguments": {"w": "a"}}',
    conversation: { turns: turns.slice(0, 2), tools: '[{"name": "up"}]' },
    answerCalls: [call],
  },
  { prompt: 'plain', completion: 'c' },
];

/** What rows come to, as text again: all that is read, and the part of it that is learned. */
function encoded(given: object[], template?: string) {
  const program = [
    'import json, sys',
    'from trex_encoder import Encoder',
    'from trex_model import load_tokenizer',
    'from trex_rows import encode_rows',
    'path, rows, template = json.load(sys.stdin)',
    'tokenizer = load_tokenizer(path)',
    'tokenizer.chat_template = template or tokenizer.chat_template',
    'train = {"objective": {"kind": "sft", "completion_only": True}, "max_tokens": 500}',
    'made = encode_rows(rows, Encoder(tokenizer, True), train).examples',
    'learned = [[id for id in one["labels"] if id >= 0] for one in made]',
    'print(json.dumps([[tokenizer.decode(one["input_ids"]), tokenizer.decode(l)] for one, l in zip(made, learned)]))',
  ].join('\n');
  const { stdout, stderr } = spawnSync(pythonOf('trl'), ['-B', '-c', program], {
    cwd: runner,
    input: JSON.stringify([join(place.root, 'model'), given, template ?? null]),
    encoding: 'utf8',
  });
  return { stderr, texts: () => JSON.parse(stdout) as [read: string, learned: string][] };
}

test('turns, tools and calls go through the template of the model, and the answer alone is learned', () => {
  expect(encoded(trainingRows(rows, model, false)).texts()).toEqual([
    [
      '<s>tools: [{"name": "up"}]</s><s>system: s</s><s>user: u</s><s>assistant: <tool_call>{"name": "up", "arguments": {"w": "a"}}</tool_call></s><s>tool: 7</s><s>assistant: fine</s>',
      'fine</s>',
    ],
    [
      '<s>tools: [{"name": "up"}]</s><s>system: s</s><s>user: u</s><s>assistant: so:<tool_call>{"name": "up", "arguments": {"w": "a"}}</tool_call></s>',
      'so:<tool_call>{"name": "up", "arguments": {"w": "a"}}</tool_call></s>',
    ],
    ['<s>user: plain</s><s>assistant: c</s>', 'c</s>'],
  ]);
});

describe('a template that would train another conversation ends the run', () => {
  const says = "{{ message['role'] }}: {{ message['content'] }}";
  test.each([
    ['knows no tools', `{% for message in messages %}${says}{% endfor %}`, 'knows no tools'],
    [
      'writes no calls',
      `{{ tools }}{% for message in messages %}${says}{% endfor %}`,
      'writes no tool calls',
    ],
    [
      'refuses a turn',
      "{{ tools }}{{ raise_exception('System role not supported') }}",
      'System role not supported',
    ],
  ])('as one that %s', (_, template, sentence) => {
    expect(encoded(trainingRows(rows, model, false), template).stderr).toContain(sentence);
  });
});

test('a run trains on conversations and answers them', async () => {
  const tools = '[{"name": "up"}]';
  const earlier = [
    { role: 'user' as const, content: 'u' },
    { role: 'assistant' as const, content: 'v' },
    { role: 'user' as const, content: 'w' },
  ];
  // Short: the tiny model reads 128 tokens, hardly more than as many characters.
  const short: Row[] = [
    { prompt: 'x', completion: 'fine', conversation: { turns: earlier } },
    {
      prompt: 'x',
      completion: '{"name": "up", "arguments": {}}',
      conversation: { turns: earlier.slice(0, 1), tools },
      answerCalls: [{ name: 'up', arguments: '{}' }],
    },
  ];
  const many = Array.from({ length: 24 }, (_, i) => short[i % 2] as Row);
  const asked = short.map(({ conversation }, i) =>
    askedItem({ id: `i${i}`, prompt: 'x', conversation: conversation! }, model),
  );
  const training = { ...full, epochs: 60, maxSequenceTokens: 64 };
  const outcome = await place.run('talk', jobOf(place.engine, training), (run) => {
    run.chat = true;
    if (run.train !== null) run.train.maxSequenceTokens = 128;
    writeFileSync(join(place.dirOf('talk'), 'train.jsonl'), toJsonl(trainingRows(many, model, false)));
    for (const one of run.predict) {
      one.maxNewTokens = 60;
      writeFileSync(join(place.dirOf('talk'), one.file), toJsonl(asked));
    }
  });
  expect(outcome).toMatchObject({ ok: true });
  const [split] = JSON.parse(readFileSync(join(place.dirOf('talk'), 'run.json'), 'utf8')).predict;
  const answers = await place.engine.readPredictions(place.read('talk'), split.split);
  expect([...answers.values()]).toEqual(short.map(({ completion }) => completion));
  const result = JSON.parse(readFileSync(join(place.dirOf('talk'), 'result.json'), 'utf8'));
  expect(result.leftOutRows).toBe(0);
});
