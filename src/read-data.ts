import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { TrexError } from './lib/errors.ts';
import { clipUnits, countText, numberText } from './lib/text.ts';
import { readDataset, type WantedColumns } from './recipe/read-dataset.ts';
import type { DatasetReport, Row } from './recipe/types.ts';

export interface DataRequest {
  paths: string[];
  /** One JSON object in place of text. */
  json: boolean;
  /** Rows to show of each file. */
  rows: number;
  /** Unset: chosen by name. */
  columns?: WantedColumns;
}

export const dataHelp = `
Reads files as the bot reads what people attach, and prints what it would say of them. Neither a bot nor a database is
needed, and nothing is stored. JSONL, JSON, CSV, TSV and Parquet, also in gzip or zip.
The exit code is 1 when a file is refused, or when its columns would have to be asked for.

With --json, one object:
  files  [{"file", "problem", "report", "rows"}], in the order of the arguments
    problem  the sentence with which the bot would refuse the file, or null
    report   null with a problem, else:
      name, sha256, bytes, format ("jsonl", "json", "csv", "tsv", "parquet"), container ("gzip", "zip" or not there)
      columns      {"prompt", "completion", "rejected"?, "system"?}, or null where they would be asked for
      found        [{"name", "characters", "example"}]: all columns, with the average length of their values
      leftOut      names of columns that are not used, the longest texts first
      rows, badRows, badExamples [{"line", "reason", "text"}]
      pairs, evaluationRows, conversations   counts; not there: none
      heldBack     {COLUMN: rows}: marked by that column as not to be trained on
      examples, longestCharacters, labels, warnings
    rows     the first rows as read: {"prompt", "completion", "rejected"?, "split"?, "answerCalls"?,
             "conversation"?: {"turns": [{"role", "content", "toolCalls"?, ...}], "tools"?}}`;

interface ReadFile {
  file: string;
  problem: string | null;
  report: DatasetReport | null;
  rows: Row[];
}

/** Prints the bot's report on files. @returns the exit code */
export async function readData(request: DataRequest, maxBytes: number): Promise<number> {
  const files: ReadFile[] = [];
  for (const path of request.paths) files.push(await readOne(path, request, maxBytes));
  console.log(
    request.json ? JSON.stringify({ files }) : files.map((file) => toText(file, request.rows)).join('\n\n'),
  );
  return files.every(({ report }) => report !== null && report.columns !== null) ? 0 : 1;
}

async function readOne(path: string, request: DataRequest, maxBytes: number): Promise<ReadFile> {
  const refused = (problem: string): ReadFile => ({ file: path, problem, report: null, rows: [] });
  const found = await stat(path).catch(() => null);
  if (found === null || !found.isFile()) return refused(`There is no file ${path}.`);
  const { columns } = request;
  try {
    const bytes = await readFile(path);
    const read = await readDataset({
      name: basename(path),
      bytes,
      maxBytes,
      ...(columns === undefined ? {} : { columns }),
    });
    return { file: path, problem: null, report: read.report, rows: read.rows.slice(0, request.rows) };
  } catch (error) {
    if (!(error instanceof TrexError)) throw error;
    return refused(error.message);
  }
}

function toText({ file, problem, report, rows }: ReadFile, count: number): string {
  if (report === null) return `${file}\n  ${problem}`;
  const { columns, badRows, badExamples } = report;
  const packed = report.container === undefined ? '' : ` in ${report.container}`;
  const lines = [
    `${file}: ${report.format}${packed}, ${countText(report.rows, 'row')}${badRows === 0 ? '' : `, ${numberText(badRows)} unreadable`}`,
    ...(columns === null
      ? [
          '  I would ask which columns to use. It has:',
          ...(report.found ?? []).map(({ name, example }) => `    ${name}: ${example}`),
        ]
      : [
          `  columns  ${Object.entries(columns)
            .map(([role, name]) => `${role}: ${name}`)
            .join('; ')}`,
        ]),
    ...badExamples.map(({ line, reason, text }) => `  line ${line}: ${reason}: ${text}`),
    ...report.warnings.map((warning) => `  - ${warning}`),
    ...rows.slice(0, count).flatMap((row, i) => [`  row ${i + 1}`, ...rowLines(row)]),
  ];
  return lines.join('\n');
}

function rowLines({ prompt, completion, rejected, conversation, split }: Row): string[] {
  const part = (name: string, text: string): string =>
    `    ${name.padEnd(10)} ${clipUnits(text.replace(/\s+/g, ' '), 300)}`;
  return [
    ...(conversation === undefined
      ? [part('prompt', prompt)]
      : conversation.turns.map(({ role, content, toolCalls = [] }) =>
          part(role, [content, ...toolCalls.map(({ name }) => `(calls ${name})`)].join(' ').trim()),
        )),
    ...(conversation?.tools === undefined ? [] : [part('tools', conversation.tools)]),
    part('answer', completion),
    ...(rejected === undefined ? [] : [part('rejected', rejected)]),
    ...(split === undefined ? [] : [part('split', split)]),
  ];
}
