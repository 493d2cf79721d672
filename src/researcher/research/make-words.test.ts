import { expect, test } from 'vitest';
import { makeWords } from './make-words.ts';

test.each([
  [
    'Dates to ISO',
    'fine-tune the small model to turn messy dates into ISO, budget 5 minutes',
    ['dates', 'iso'],
  ],
  [
    'Ticket router',
    'classify support tickets by team, ask me above $20',
    ['ticket', 'router', 'classify', 'support'],
  ],
  ['Fine-tuning', 'train on the attached file, please', []],
  ['Summaries of radiology reports', '', ['summaries', 'radiology', 'reports']],
])('%s', (title, goal, words) => {
  expect(makeWords({ title, goal })).toEqual(words);
});

test('nothing that names a person, a file, an address or a key leaves', () => {
  const goal = `@ana.lopez <@U12345> ana@example.com https://intra.example/secret customers-2026.jsonl
    sk-abc123 hf_AbCd C:\\data\\q3.csv #4711 "acme/internal-model" translate invoices`;
  expect(makeWords({ title: '', goal })).toEqual(['invoices']);
});
