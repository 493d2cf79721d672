import { mkdirSync, mkdtempSync } from 'node:fs';
import { resolve } from 'node:path';
import { type App, createApp } from '../app.ts';
import { isFinalCampaign } from '../campaign/states.ts';
import type { CampaignView } from '../campaign/view.ts';
import { parseConfig } from '../config/config.ts';
import { BadInputError } from '../lib/errors.ts';
import { findCampaign } from '../operations/view/find-campaign.ts';
import { loadView } from '../operations/view/load-view.ts';
import { readHealth } from '../operations/view/read-health.ts';
import type { LocalMessage } from '../slack/local-control.ts';
import { makeDemoFiles } from './demo-data.ts';
import { createPerson, demoChannel, type Person } from './person.ts';
import { createReporter, type Reporter } from './reporter.ts';

export interface DemoOptions {
  json: boolean;
  seed: number;
  researcher: string;
}

/** Longer with a language model: nothing trains during its calls. */
const limitSeconds = { rules: 290, openai: 1800 };

const modelVariables = /^(?:OPENAI_(?:API_KEY|BASE_URL)|TREX_(?:SMALL_)?MODEL(?:_\w+)?|TREX_THINKING_\w+)$/;

const pick = (environment: Record<string, string | undefined>, names: RegExp) =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => names.test(name)));

/**
 * The main job, unattended: the bot with its embedded parts, a person who asks for a fine-tune in the local workspace,
 * real training, a report.
 * @returns the exit code: 0 only when the confirmed best beats the baseline
 */
export async function runDemo(
  options: DemoOptions,
  environment: Record<string, string | undefined>,
): Promise<number> {
  const { researcher } = options;
  if (researcher !== 'rules' && researcher !== 'openai') {
    throw new BadInputError('bad_researcher', '--researcher takes rules or openai.');
  }
  if (researcher === 'openai' && !environment.TREX_MODEL) {
    throw new BadInputError(
      'no_model',
      '--researcher openai needs TREX_MODEL, with OPENAI_API_KEY or OPENAI_BASE_URL; see docs/guides/language-models.md.',
    );
  }
  if (!Number.isSafeInteger(options.seed) || options.seed < 0) {
    throw new BadInputError('bad_seed', '--seed takes a whole number from 0.');
  }
  mkdirSync('.trex', { recursive: true });
  const dataDir = mkdtempSync(resolve('.trex', 'demo-'));
  const { config, secrets } = parseConfig({
    TREX_LOG_LEVEL: environment.TREX_LOG_LEVEL ?? 'error',
    LOCAL_SLACK: environment.LOCAL_SLACK,
    TREX_DATA_DIR: dataDir,
    TREX_PORT: '0',
    LOCAL_SLACK_PORT: '0',
    TREX_SLOTS: '2',
    TREX_TIME_ZONE: 'UTC',
    ...(researcher === 'openai' ? pick(environment, modelVariables) : {}),
  });
  const reporter = createReporter(process.stdout);
  const startedAt = performance.now();
  reporter.line(`Starting the bot in ${dataDir}`);
  const app = await createApp(config, secrets);
  try {
    await app.start();
    const { workspace } = app;
    if (workspace === null) throw new Error('the demo needs the local workspace');
    reporter.line(`The workspace page: ${workspace.pageUrl}`);
    const files = await makeDemoFiles(app.ctx.catalog, options.seed);
    const person = await createPerson(workspace.control, 'U0TREXBOT', files, (line) => reporter.line(line));
    const view = await play(app, person, reporter, { startedAt, maxSeconds: limitSeconds[researcher] });
    const messages = await workspace.control.messages(demoChannel);
    const thread = messages.filter((m) => m.ts === person.threadTs || m.thread_ts === person.threadTs);
    reporter.transcript(thread.map((m) => ({ who: nameOf(m), text: m.text })));
    const wallSeconds = (performance.now() - startedAt) / 1000;
    const { line, isOk, result } = conclude(view, person, {
      researcher,
      messages: thread.length,
      wallSeconds,
    });
    reporter.line(line);
    if (options.json) console.log(JSON.stringify(result));
    return isOk ? 0 : 1;
  } finally {
    await app.stop();
    await app.workspace?.stop();
  }
}

async function play(
  app: App,
  person: Person,
  reporter: Reporter,
  { startedAt, maxSeconds }: { startedAt: number; maxSeconds: number },
): Promise<CampaignView | null> {
  for (;;) {
    await person.look();
    const view = await findView(app, person.threadTs);
    reporter.progress(view);
    const seconds = (performance.now() - startedAt) / 1000;
    if (view !== null && isFinalCampaign(view.state)) {
      // The report is the last message; wait until it arrives.
      await settle(app);
      return loadView({ ctx: app.ctx, campaignId: view.id });
    }
    if (seconds > maxSeconds) {
      reporter.line(`No end after ${maxSeconds} s; giving up.`);
      return view;
    }
    await app.ctx.clock.sleep(500);
  }
}

async function findView(app: App, threadTs: string): Promise<CampaignView | null> {
  const id = await findCampaign({ ctx: app.ctx, input: { channel: demoChannel, threadTs } });
  return id === null ? null : loadView({ ctx: app.ctx, campaignId: id });
}

async function settle(app: App): Promise<void> {
  for (let i = 0; i < 100; i++) {
    if ((await readHealth({ ctx: app.ctx })).outboxPending === 0) return;
    await app.ctx.clock.sleep(100);
  }
}

const nameOf = (message: LocalMessage): string =>
  message.bot_id !== undefined || message.user === 'U0TREXBOT'
    ? 'trex'
    : message.user === 'U0TREXBEN'
      ? 'Ben'
      : 'Ana';

/** The result of the demo, as a line for people and as numbers. */
function conclude(
  view: CampaignView | null,
  person: Person,
  {
    researcher,
    messages,
    wallSeconds,
  }: { researcher: 'rules' | 'openai'; messages: number; wallSeconds: number },
): { line: string; isOk: boolean; result: Record<string, number | string | null> } {
  const final = view?.final ?? null;
  const trials = view?.nodes.flatMap((n) => n.trials) ?? [];
  const result = {
    campaign: view?.id ?? null,
    nodes: view?.nodes.length ?? 0,
    trials: trials.length + (final?.confirmations.length ?? 0),
    failed: view?.nodes.filter((n) => n.state === 'failed').length ?? 0,
    baselineTest: final?.baselineTest.value ?? null,
    bestTest: final?.bestTest.value ?? null,
    bestTestLow: final?.bestTest.low ?? null,
    approvals: person.approvals,
    messages,
    modelCalls: view?.thinking.calls ?? 0,
    modelTokens: (view?.thinking.inputTokens ?? 0) + (view?.thinking.outputTokens ?? 0),
    computeSeconds: Math.round((view?.budget.spent.computeSeconds ?? 0) * 10) / 10,
    wallSeconds: Math.round(wallSeconds * 10) / 10,
    tree: final?.treePath ?? null,
    report: final?.reportPath ?? null,
    weights: final?.weightsPath ?? null,
  };
  const reason = whyNot(view, person, researcher);
  const line =
    reason === null
      ? `Done in ${Math.round(wallSeconds)} s: test ${final?.baselineTest.value.toFixed(3)} → ${final?.bestTest.value.toFixed(3)}. Report: ${final?.reportPath}`
      : `The demo did not succeed: ${reason}`;
  return { line, isOk: reason === null, result };
}

/** Null when every promise of the demo was kept. */
function whyNot(view: CampaignView | null, person: Person, researcher: 'rules' | 'openai'): string | null {
  if (view === null) return 'the bot opened no campaign';
  if (view.state !== 'finished' || view.final === null) return `the campaign is ${view.state}`;
  if (view.final.testDifference.low <= 0) return 'the best does not beat the baseline on the test split';
  if (view.final.confirmations.length === 0) return 'the winner was not confirmed with a fresh seed';
  // The rules plan nodes that are expensive enough to need an approval; a language model is free in its plans.
  if (researcher === 'rules' && person.approvals === 0) return 'no node asked for approval';
  return null;
}
