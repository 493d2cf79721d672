import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { runCli } from '../src/cli.ts';

let folder: string;
const said: string[] = [];
/** The command line keeps files to their user, for the whole process: files of other tests share it. */
const usualMask = process.umask();
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'trex-data-'));
  said.length = 0;
  vi.spyOn(console, 'log').mockImplementation((text: string) => void said.push(text));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  vi.restoreAllMocks();
  process.exitCode = 0;
  process.umask(usualMask);
});

const write = (name: string, text: string): string => {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
};
const rows =
  '{"question":"q","answer":41,"context":"c"}\n{"question":"r"}\n{"question":"s","answer":"t","rejected":"u"}\n';

test('JSON holds the report and the first rows of every file, in order', async () => {
  const [a, b] = [write('a.jsonl', rows), write('b.pdf', '%PDF-1.7')];
  await runCli(['data', a, b, '--json', '--rows', '1']);
  const { files } = JSON.parse(said[0] ?? '');
  expect(files).toMatchObject([
    {
      file: a,
      problem: null,
      report: {
        columns: { prompt: 'question', completion: 'answer', rejected: 'rejected' },
        leftOut: ['context'],
        rows: 2,
        badRows: 1,
        badExamples: [{ line: 2, reason: 'missing `answer`' }],
      },
      rows: [{ prompt: 'q', completion: '41' }],
    },
    { file: b, report: null, rows: [] },
  ]);
  expect(files[1].problem).toMatch(/could not read `b.pdf`: it looks like a PDF/);
  expect(process.exitCode).toBe(1);
});

test('text says what the bot would say, with the rows as it reads them', async () => {
  const path = write('a.jsonl', rows);
  await runCli(['data', path]);
  expect(said[0]).toBe(
    [
      `${path}: jsonl, 2 rows, 1 unreadable`,
      '  columns  prompt: question; completion: answer; rejected: rejected',
      '  line 2: missing `answer`: {"question":"r"}',
      '  - 1 row has a number, true/false or JSON where text belongs; I read it as it is written.',
      '  - I leave out the column `context`; name it as part of the prompt if it matters.',
      '  row 1',
      '    prompt     q',
      '    answer     41',
      '  row 2',
      '    prompt     s',
      '    answer     t',
      '    rejected   u',
    ].join('\n'),
  );
  expect(process.exitCode).toBe(0);
});

test('columns may be named; where none is known, they are listed', async () => {
  const path = write('a.csv', 'id,review,verdict\n7,fine,good\n');
  await runCli(['data', path]);
  expect(said[0]).toContain('I would ask which columns to use. It has:\n    id: 7\n    review: fine\n');
  expect(process.exitCode).toBe(1);
  await runCli(['data', path, '--prompt', 'id + review', '--completion', 'verdict', '--json']);
  expect(JSON.parse(said[1] ?? '').files[0].rows).toEqual([{ prompt: '7\nfine', completion: 'good' }]);
});

test('a conversation is shown by its roles', async () => {
  const turn = (role: string, content: string) => ({ role, content });
  const messages = [turn('system', 's'), turn('user', 'u'), turn('assistant', 'a')];
  await runCli(['data', write('a.jsonl', JSON.stringify({ messages }))]);
  expect(said[0]).toContain('  row 1\n    system     s\n    user       u\n    answer     a');
});
