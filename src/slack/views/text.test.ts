import { expect, test } from 'vitest';
import { textBlocks } from './text.ts';

const page = 'https://trex.example/campaigns/c-1';
const textOf = (text: string, at?: string): string => JSON.stringify(textBlocks(text, at));

test('nodes that an answer names link to their place on the page', () => {
  expect(textOf('#9 beats #4: +0.03.', page)).toContain(
    `<${page}?node=9#node-9|#9> beats <${page}?node=4#node-4|#4>: +0.03.`,
  );
});

test('code, channels and ids that hold a # are left alone', () => {
  const text = textOf('write `ban #7` or trex reproduce c-7f3a#5 in <#general> & more', page);
  expect(text).not.toContain('node-');
  expect(text).toContain('&lt;#general&gt; &amp; more');
});

test('without a page nothing links', () => {
  expect(textOf('#9 beats #4.')).toContain('#9 beats #4.');
});
