import { briefFields } from '../../../src/campaign/brief.ts';
import type { ModelReply, ModelRequest } from './mock-model.ts';
import { usage } from './mock-model.ts';

/** Name of the schema that a request asks its answer in. */
export const schemaName = (request: ModelRequest): string =>
  (request.response_format as { json_schema?: { name?: string } } | undefined)?.json_schema?.name ?? '';

/** The text of the first user message, which is the question. */
export const userText = (request: ModelRequest): string =>
  String(request.messages.find((m) => m.role === 'user')?.content ?? '');

/** The content of the data block with this label. */
export function dataBlock(request: ModelRequest, label: string): string {
  const text = userText(request);
  const begin = text.indexOf(`begin: ${label}]\n`);
  if (begin < 0) return '';
  const from = text.indexOf('\n', begin) + 1;
  return text.slice(from, text.indexOf('\n[', from));
}

/** A next node that follows from the prompt: the parent's recipe and training with another rate each time. */
export function nextRound(request: ModelRequest, index: number): object {
  const lines = dataBlock(request, 'recipe and training of the parent').split('\n');
  const read = (name: string): unknown[] =>
    lines.filter((l) => l.startsWith(`${name} `)).map((l) => JSON.parse(l.slice(name.length + 1)));
  const [training] = read('training') as { learningRate: number; epochs: number }[];
  const rate = Number(
    ((training?.learningRate ?? 1e-3) * [0.8, 1.3, 0.6, 1.1][index % 4]! * (1 + index / 1000)).toPrecision(4),
  );
  return {
    hypothesis: 'The failing items keep their form; a slightly other rate should settle the rest.',
    strategy: 'adjust_training_scheme',
    title: `learning rate ${rate}`,
    recipe: { inputs: read('inputs')[0], steps: read('step') },
    trials: [{ ...training, learningRate: rate, epochs: 1 + (index % 2) }],
    expectedGain: { low: 0, high: 0.05 },
    refutedBy: 'no gain over the parent on the same items',
  };
}

/** A diagnosis that puts all shown items under one kind. */
export function diagnosis(request: ModelRequest): object {
  const count = (label: string): number =>
    dataBlock(request, label)
      .split('\n')
      .filter((line) => /^\d+ /.test(line)).length;
  const numbers = (n: number): number[] => Array.from({ length: n }, (_, i) => i + 1);
  return {
    mistakes: [
      {
        kind: 'the form is right, the content is not',
        failing: numbers(count('failing items')),
        fixed: numbers(count('fixed items')),
      },
    ],
    summary: 'One kind of mistake is left.',
    directions: [
      {
        text: 'Train a little longer.',
        strategy: 'adjust_training_scheme',
        expectedGain: { low: 0, high: 0.04 },
        costRatio: 2,
        refutedBy: 'no gain with twice the passes',
      },
    ],
  };
}

/** A reading of only the explicit statements of the message block. */
export function reading(request: ModelRequest): object {
  const message = dataBlock(request, 'the last message');
  const found = (pattern: RegExp): string | null => pattern.exec(message)?.[1] ?? null;
  return {
    saysGoal: /teach|turn|learn/.test(message),
    values: {
      ...Object.fromEntries(briefFields.map((field) => [field, null])),
      data: found(/\b(upper|date)\b/),
      budget: found(/budget (?:of )?(\d+ minutes)/),
      askAbove: /no need to ask/.test(message) ? 'never' : null,
      methods: /full only/.test(message) ? 'full' : null,
      metric: /exact match/.test(message) ? 'exact match' : null,
    },
    reply: message.includes('?')
      ? 'LoRA forgets less and learns less; full fine-tuning the other way round.'
      : null,
    cancelled: false,
  };
}

const nothing = { methods: [], strategies: [], nodes: [] };

/** A steering wish as a model writes it; fields that are not given are empty. */
export const wish = (over: object): object => ({
  meaning: {
    kind: 'wish',
    ban: nothing,
    allow: nothing,
    pin: [],
    unpin: [],
    weights: [],
    source: null,
    focus: null,
    ...over,
  },
});

/** A reading of a message in the thread by the content of its block. */
export function threadReading(request: ModelRequest): object {
  const message = dataBlock(request, 'the message').toLowerCase();
  const node = Number(/\d+/.exec(message)?.[0] ?? Number.NaN);
  if (/had enough of adapters/.test(message)) return wish({ ban: { ...nothing, methods: ['lora'] } });
  if (/put your effort into/.test(message)) return wish({ pin: [node] });
  if (/wrapped this up/.test(message)) return { meaning: { kind: 'order', order: 'stop', node: null } };
  if (/thank/.test(message)) return { meaning: { kind: 'talk' } };
  if (message.includes('?')) return { meaning: { kind: 'question' } };
  return { meaning: { kind: 'unclear', askBack: 'Which method do you mean?' } };
}

/** An answer that copies the score of the node in question from the records. */
export function questionAnswer(request: ModelRequest): object {
  const line = /^#(\d+)[^\n]*?(\d\.\d{3})/m.exec(dataBlock(request, 'the tree'));
  return {
    answer: line === null ? 'The records do not tell yet.' : `It rests on #${line[1]}, which has ${line[2]}.`,
  };
}

/** Answers every question of the Researcher, by the prompt alone. */
export function scriptedObject(request: ModelRequest, index: number): object {
  switch (schemaName(request)) {
    case 'next_round':
      return nextRound(request, index);
    case 'diagnosis':
      return diagnosis(request);
    case 'thread_reading':
      return threadReading(request);
    case 'question_answer':
      return questionAnswer(request);
    default:
      return reading(request);
  }
}

export const scriptedAnswer = (request: ModelRequest, index: number): ModelReply => ({
  content: JSON.stringify(scriptedObject(request, index)),
  ...usage(1500, 200),
});
