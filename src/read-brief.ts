import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Brief } from './campaign/brief.ts';
import type { IntakeEntry } from './campaign/intake-entry.ts';
import { priceOf } from './campaign/price.ts';
import type { Worth } from './campaign/worth.ts';
import type { Config } from './config/config.ts';
import type { Engine } from './executor/engine.ts';
import { createNanoCatalog } from './executor/nano-catalog.ts';
import { memoryLimitOf, openEngine } from './executor/open-engine.ts';
import { BadInputError, TrexError } from './lib/errors.ts';
import type { RowPlace } from './operations/data/collect-rows.ts';
import { splitRows } from './operations/data/split-rows.ts';
import { intakeInput } from './operations/intake/intake-input.ts';
import { readAsAsked, wantedColumns } from './operations/intake/read-as-asked.ts';
import { worthOfRows } from './operations/intake/worth-of-rows.ts';
import type { Pricing } from './operations/plan/price-run.ts';
import type { WantedColumns } from './recipe/read-dataset.ts';
import type { Row } from './recipe/types.ts';
import { contentText } from './report/transcript.ts';
import type { IntakeTurn } from './researcher/port.ts';
import { createRulesResearcher } from './researcher/rules/rules-researcher.ts';

export interface BriefRequest {
  /** The messages of one conversation, the request first. */
  texts: string[];
  /** Paths of files attached to the request. */
  files: string[];
  /** One JSON object in place of text. */
  json: boolean;
  /** The moment of the request, ISO 8601; unset: now. */
  now?: string;
  /** IANA zone of the person; unset: the configured one. */
  timeZone?: string;
}

export const briefHelp = `
Reads a request as the bot reads it by its rules, with the same configuration for models, price and slots, and prints
the card, or the question that the bot would ask. Nothing is started, and neither a bot nor a database is needed.
Several texts are the messages of one conversation; files belong to the first.

With --json, one object:
  understood  {FIELD: {"value", "words"}}: what was read, and the person's words for it (null: no words of theirs)
  question    {"field", "text", "options": [{"label", "value"}], "default"}, or null
  brief       what Start would commit to, with all defaults, or null while a question is open
  splits      rows of train, search, select and test, or null
  worth       what the budget buys before anything was measured here: {"nodes", "node", "whole", "kept", ...}, or null
  example     {"file", "columns", "prompt", "completion"}: the first row as it was read, or null
  notUsed     [{"words", "why"}]: what the request holds and nothing took
  task        the rest of the request, kept as the description of the task, or null
  remarks     sentences before the question or the card
  notes       notes on the card: defaults taken, suspicions about the data
  cancelled   true when the person asked to forget it
Fields: data, badRows, metric, budget, askAbove, usdPerHour, baseModel, methods, objective, target, parallel,
deadline, maxNodes, policy, title.`;

/** Prints how the bot reads a request. @throws BadInputError for a missing file or an invalid moment */
export async function readBrief(request: BriefRequest, config: Config): Promise<void> {
  const engine = openEngine(config.engine);
  const catalog = createNanoCatalog();
  const rows = new Map<string, Row[]>();
  const files: Files = [];
  for (const path of request.files)
    files.push(
      await attach(
        path,
        { maxBytes: config.maxDatasetBytes, columns: wantedColumns(request.texts[0] ?? '') },
        rows,
      ),
    );
  const entries = request.texts.map(
    (text, i): IntakeEntry => ({ kind: 'message', text, files: i === 0 ? files : [], by: 'you' }),
  );
  const now = request.now === undefined ? new Date() : new Date(request.now);
  if (Number.isNaN(now.getTime()))
    throw new BadInputError(
      'bad_moment',
      `--now ${request.now}: give a moment such as 2026-03-04T10:30:00Z.`,
    );
  const timeZone = request.timeZone ?? config.timeZone;
  const input = intakeInput({ engine, catalog, settings: config }, { entries, now, timeZone, seed: 1 });
  const turn = await createRulesResearcher().intake(input);
  const place = { engine, catalog, load: async (sha256: string) => rows.get(sha256) ?? [] };
  const { splits, worth, notes, problem } = await prepare(turn, place, config);
  const said =
    problem === null
      ? { ...turn, notes: [...notes, ...turn.notes] }
      : { ...turn, brief: null, remarks: [...turn.remarks, problem] };
  console.log(request.json ? JSON.stringify(toJson(said, splits, worth)) : toText(said, splits, worth));
}

type Files = Extract<IntakeEntry, { kind: 'message' }>['files'];
type Splits = { train: number; search: number; select: number; test: number };

async function attach(
  path: string,
  { maxBytes, columns }: { maxBytes: number; columns: WantedColumns | undefined },
  rows: Map<string, Row[]>,
): Promise<Files[number]> {
  const name = basename(path);
  const size = await stat(path).catch(() => null);
  if (size === null || !size.isFile()) throw new BadInputError('not_found', `There is no file ${path}.`);
  try {
    const read = await readAsAsked({ name, bytes: await readFile(path), maxBytes }, columns);
    rows.set(read.report.sha256, read.rows);
    return { name, report: read.report, problem: null };
  } catch (error) {
    if (!(error instanceof TrexError)) throw error;
    return { name, report: null, problem: error.message };
  }
}

interface Prepared {
  splits: Splits | null;
  /** The training that the budget buys; null where no estimate is possible. */
  worth: Worth | null;
  notes: string[];
  problem: string | null;
}

async function prepare(
  turn: IntakeTurn,
  place: RowPlace & { engine: Engine },
  config: Config,
): Promise<Prepared> {
  const { brief } = turn;
  if (brief === null) return { splits: null, worth: null, notes: [], problem: null };
  try {
    const rows = await splitRows(brief, place);
    const worth = await worthOfRows({ brief, rows }, place, {
      pricing: pricingBefore(place.engine, brief, config),
      researcher: createRulesResearcher(),
    });
    return { splits: rows.counts, worth, notes: rows.notes, problem: null };
  } catch (error) {
    if (!(error instanceof TrexError)) throw error;
    return { splits: null, worth: null, notes: [], problem: error.message };
  }
}

/** Nothing was measured yet on the cluster. */
const pricingBefore = (engine: Engine, brief: Brief, config: Config): Pricing => ({
  engine,
  memoryLimitBytes: memoryLimitOf(config.engine) ?? config.runMemoryBytes,
  usdPerHour: priceOf(config, { brief }),
  correctionOf: async () => ({ factor: 1, runs: 0, squaredError: null, isMeasured: false }),
});

const toJson = (turn: IntakeTurn, splits: Splits | null, worth: Worth | null): object => ({
  understood: Object.fromEntries(
    Object.entries(turn.understood).map(([field, value]) => [
      field,
      { value, words: turn.read.words[field as keyof IntakeTurn['understood']] ?? null },
    ]),
  ),
  question: turn.question,
  brief: turn.brief,
  splits,
  worth,
  example: turn.read.example,
  notUsed: turn.read.notUsed,
  task: turn.read.task ?? null,
  remarks: turn.remarks,
  notes: turn.notes,
  cancelled: turn.cancelled,
});

function toText(turn: IntakeTurn, splits: Splits | null, worth: Worth | null): string {
  const { brief, question } = turn;
  if (brief !== null && splits !== null)
    return contentText({
      kind: 'brief',
      campaignId: '',
      brief,
      splits,
      ...(worth === null ? {} : { worth }),
      notes: [...turn.remarks, ...turn.notes],
      read: turn.read,
      closed: null,
    });
  if (question !== null)
    return contentText({ kind: 'question', campaignId: '', question, preface: turn.remarks });
  return turn.remarks.join('\n');
}
