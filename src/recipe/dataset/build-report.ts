import { clipUnits } from '../../lib/text.ts';
import { isSinglePrompt } from '../../scoring/conversation.ts';
import type { Pause } from '../pause.ts';
import type { DatasetReport, FoundColumn, Row } from '../types.ts';
import type { Layout } from './choose-columns.ts';
import { unusedColumns } from './column-use.ts';
import { createProfiler } from './profile.ts';
import type { ReadPart } from './read-part.ts';
import { createRoles } from './roles.ts';
import { warnings } from './warn.ts';
import { warnFile } from './warn-file.ts';

const rowsBetweenPauses = 20_000;
const countOf = <T>(values: readonly T[], test: (value: T) => boolean): number =>
  values.reduce((sum, value) => sum + (test(value) ? 1 : 0), 0);
/** A field with a count, left out when the count is zero. */
const some = <K extends string>(key: K, count: number): Partial<Record<K, number>> =>
  count === 0 ? {} : ({ [key]: count } as Partial<Record<K, number>>);

export const isConversation = ({ conversation }: Row): boolean =>
  conversation !== undefined && !isSinglePrompt(conversation);

/** Builds the report of an attachment from its files. */
export async function buildReport({
  source,
  parts,
  leftOut,
  pause,
}: {
  source: Pick<DatasetReport, 'name' | 'sha256' | 'bytes' | 'container'>;
  parts: readonly ReadPart[];
  leftOut: readonly string[];
  pause: Pause;
}): Promise<{ report: DatasetReport; rows: Row[] }> {
  const used = parts.filter(({ layout, rows }) => layout !== null && rows.length > 0);
  const rows = used.flatMap((part) => part.rows);
  const found = mergeColumns(parts);
  const layout = used[0]?.layout ?? null;
  const badExamples = parts.flatMap((part) => part.badExamples.map((bad) => placed(bad, part, parts.length)));
  const basis = {
    ...source,
    format: (used[0] ?? parts[0])!.format,
    found,
    badRows: parts.reduce((sum, { bad }) => sum + bad, 0),
    badExamples: badExamples.slice(0, 3),
  };
  if (layout === null) {
    const count = parts.reduce((sum, { records }) => sum + records, 0);
    const nothing = { examples: [], longestCharacters: 0, labels: null, warnings: [] };
    return { report: { ...basis, columns: null, rows: count, ...nothing }, rows: [] };
  }
  const profiler = createProfiler();
  for (let i = 0; i < rows.length; i++) {
    profiler.add(rows[i]!);
    if (i % rowsBetweenPauses === rowsBetweenPauses - 1) await pause();
  }
  const profile = profiler.finish(rows);
  const roleOf = createRoles(layout);
  const unused = unusedColumns(found, (name) => roleOf(name) !== null);
  const heldBack = sumCounts(parts.map((part) => part.heldBack));
  const pairs = countOf(rows, ({ rejected }) => rejected !== undefined);
  const counts = {
    rows: rows.length,
    ...(pairs === 0 && !found.some(({ name }) => roleOf(name) === 'rejected') ? {} : { pairs }),
    ...some(
      'evaluationRows',
      countOf(rows, ({ split }) => split === 'evaluation'),
    ),
    ...some('conversations', countOf(rows, isConversation)),
    ...(heldBack === null ? {} : { heldBack }),
  };
  const lineOf = placeOf(used);
  const report: DatasetReport = {
    ...basis,
    columns: namesOf(layout, found),
    ...(unused.length === 0 ? {} : { leftOut: unused.map(({ name }) => name) }),
    ...counts,
    examples: rows.slice(0, 3).map(({ prompt, completion }) => ({
      prompt: clipUnits(prompt, 200),
      completion: clipUnits(completion, 200),
    })),
    longestCharacters: profile.lengths.reduce((a, b) => Math.max(a, b), 0),
    labels: profile.labels?.map(({ label }) => label) ?? null,
    warnings: [...warnFile({ report: counts, parts, unused, leftOut }), ...warnings(profile, rows, lineOf)],
  };
  return { report, rows };
}

/** Column names as the file spells them; an input beside an instruction only where the file has one. */
function namesOf(layout: Layout, found: readonly FoundColumn[]): DatasetReport['columns'] {
  const roleOf = createRoles(layout);
  const named = (role: ReturnType<typeof roleOf>): string | undefined =>
    found.find(({ name }) => roleOf(name) === role)?.name;
  const prompts = layout.prompts.flatMap((name, place) => named(place) ?? (place === 0 ? [name] : []));
  const [rejected, system] = [named('rejected'), named('system')];
  const isChat = prompts.length === 0;
  return {
    prompt: isChat ? layout.completion : prompts.join(' + '),
    completion: isChat ? `${layout.completion} (last assistant turn)` : layout.completion,
    ...(rejected === undefined ? {} : { rejected }),
    ...(system === undefined ? {} : { system }),
  };
}

function mergeColumns(parts: readonly ReadPart[]): FoundColumn[] {
  const columns = new Map<string, FoundColumn>();
  for (const column of parts.flatMap((part) => part.found))
    if (!columns.has(column.name)) columns.set(column.name, column);
  return [...columns.values()];
}

function sumCounts(all: readonly ReadonlyMap<string, number>[]): Record<string, number> | null {
  const sums: Record<string, number> = {};
  for (const counts of all) for (const [name, count] of counts) sums[name] = (sums[name] ?? 0) + count;
  return Object.keys(sums).length === 0 ? null : sums;
}

const placed = <T extends { reason: string }>(bad: T, { name }: ReadPart, files: number): T =>
  files === 1 ? bad : { ...bad, reason: `${bad.reason} (in \`${name}\`)` };

/** The place of a row in its file, by its index among the rows of all files. */
function placeOf(parts: readonly ReadPart[]): (index: number) => string {
  return (index) => {
    let first = 0;
    for (const { lines, name } of parts) {
      const line = lines[index - first];
      if (line !== undefined) return parts.length === 1 ? String(line) : `${line} of \`${name}\``;
      first += lines.length;
    }
    return '?';
  };
}
