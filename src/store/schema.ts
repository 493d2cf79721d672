import { sql } from 'drizzle-orm';
import {
  bigint,
  boolean,
  check,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from 'drizzle-orm/pg-core';
import type { ApprovalDecision } from '../campaign/approval-policy.ts';
import type { Brief } from '../campaign/brief.ts';
import type { ApprovalCard, OpenCard } from '../campaign/cards.ts';
import type { Failure } from '../campaign/failure.ts';
import type { Findings } from '../campaign/findings.ts';
import type { StoredEntry } from '../campaign/intake-entry.ts';
import type { JobWait } from '../campaign/job-wait.ts';
import type { LargeFiles } from '../campaign/keep-weights.ts';
import type { OutboxPayload } from '../campaign/outbox-payload.ts';
import type { PlannedNode } from '../campaign/planned-node.ts';
import type { Proposal } from '../campaign/proposal.ts';
import type { RunSpec } from '../campaign/run-spec.ts';
import type { Pulse, Stop } from '../campaign/run-watch.ts';
import type { ShipmentState, ShipTerms } from '../campaign/shipment.ts';
import type {
  ApprovalKind,
  ApprovalState,
  CampaignState,
  NodeState,
  Strategy,
  TrialState,
} from '../campaign/states.ts';
import type { Steering } from '../campaign/steering.ts';
import type { ThinkingPurpose } from '../campaign/thinking.ts';
import type { TrialOutcome } from '../campaign/trial-outcome.ts';
import type { FinalResult, KeptResult, NodeView } from '../campaign/view.ts';
import type { TextLengths } from '../executor/answer-limit.ts';
import type { Effect } from '../insight/types.ts';
import type { Recipe } from '../recipe/recipe.ts';
import type { RecipeTrace } from '../recipe/run-recipe.ts';
import type { DatasetReport } from '../recipe/types.ts';
import type { ItemResult, PairedDifference, Score, SplitName } from '../scoring/types.ts';
import type { OutboxState } from './outbox-types.ts';

const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date', precision: 3 });
const id = () => bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity();
const ref = (name: string) => bigint(name, { mode: 'number' });

/** One request, from first message to final report; lives in one thread. */
export const campaign = pgTable(
  'campaign',
  {
    id: text('id').primaryKey(),
    teamId: text('team_id').notNull(),
    channel: text('channel').notNull(),
    threadTs: text('thread_ts').notNull(),
    /** Since when the chat no longer knows the thread; what is to be said waits until there is another. Null: it does. */
    threadLostAt: at('thread_lost_at'),
    createdBy: text('created_by').notNull(),
    state: text('state').$type<CampaignState>().notNull(),
    paused: boolean('paused').notNull().default(false),
    /** Why nothing new starts, as people read it; null when it moves. */
    heldBecause: text('held_because'),
    brief: jsonb('brief').$type<Brief>(),
    splits: jsonb('splits').$type<StoredSplits>(),
    /** The card whose buttons are live: a question or the brief; edited once it is decided. */
    openCard: jsonb('open_card').$type<OpenCard>(),
    steering: jsonb('steering').$type<Steering>().notNull(),
    /** So many entries of the conversation before Start have been answered. */
    heard: integer('heard').notNull().default(0),
    /** The result of its last end, when a winner answered the test rows; null while it goes on. */
    final: jsonb('final').$type<FinalResult>(),
    /** The result of its last end, when none did; null while it goes on. */
    kept: jsonb('kept').$type<KeptResult>(),
    /** Results of the ends before people continued it, oldest first. */
    earlier: jsonb('earlier').$type<FinalResult[]>().notNull().default([]),
    /** How often it has ended. */
    ends: integer('ends').notNull().default(0),
    /** Why it ended without a winner that answered the test rows, as a sentence for people; null else. */
    endedBecause: text('ended_because'),
    /** It was stopped, and the report on what is known is still to be written. */
    reportDue: boolean('report_due').notNull().default(false),
    /**
     * Who asked for the end, as people read it: nothing more is grown, and what the money does not hold is not asked for.
     * Null while nobody did.
     */
    wrapUp: text('wrap_up'),
    /** How often the test split has been opened. */
    openings: integer('openings').notNull().default(0),
    /** Number of the node for which the test split was opened since it last went on; null before that. */
    testing: integer('testing'),
    /**
     * When the last word on which weights stay was spoken, after the end; null while files of runs may still go. The default
     * is for campaigns of versions that removed nothing: nothing of theirs goes.
     */
    weightsSettledAt: at('weights_settled_at').defaultNow(),
    /** The person's zone when they asked; for deadlines and the daily summary. */
    timeZone: text('time_zone').notNull(),
    createdAt: at('created_at').notNull(),
    startedAt: at('started_at'),
    finishedAt: at('finished_at'),
  },
  (t) => [
    uniqueIndex('campaign_thread').on(t.teamId, t.channel, t.threadTs),
    index('campaign_state').on(t.state),
  ],
);

export interface StoredSplits {
  counts: Record<SplitName, number>;
  /** Blob of each split; `train` is empty for catalogue tasks, whose training data are pools. */
  hashes: Record<SplitName, string>;
  /** Unset in campaigns that older versions started. */
  lengths?: TextLengths;
  /** Training rows of each source, where there are several files; the rows of the train blob then name theirs. */
  trainRows?: Record<string, number>;
}

/** A thread that a campaign lived in before: what is said or clicked there still finds it. */
export const formerThread = pgTable(
  'former_thread',
  {
    teamId: text('team_id').notNull(),
    channel: text('channel').notNull(),
    threadTs: text('thread_ts').notNull(),
    campaignId: text('campaign_id')
      .notNull()
      .references(() => campaign.id, { onDelete: 'cascade' }),
    leftAt: at('left_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.teamId, t.channel, t.threadTs] })],
);

/** What people said while the brief was made; intake is a fold over these. */
export const intakeEntry = pgTable(
  'intake_entry',
  {
    id: id(),
    campaignId: text('campaign_id')
      .notNull()
      .references(() => campaign.id, { onDelete: 'cascade' }),
    /** Message ts or click id: the same word never counts twice. */
    source: text('source').notNull(),
    userId: text('user_id').notNull(),
    entry: jsonb('entry').$type<StoredEntry>().notNull(),
    at: at('at').notNull(),
  },
  (t) => [uniqueIndex('intake_entry_source').on(t.campaignId, t.source)],
);

/** An attached file that was read. The rows lie in the data folder under this hash. */
export const dataset = pgTable('dataset', {
  sha256: text('sha256').primaryKey(),
  report: jsonb('report').$type<DatasetReport>().notNull(),
  /** Hash of the usable rows, as a blob. */
  rowsBlob: text('rows_blob').notNull(),
  createdAt: at('created_at').notNull(),
});

/** One experiment round. */
export const node = pgTable(
  'node',
  {
    id: id(),
    campaignId: text('campaign_id')
      .notNull()
      .references(() => campaign.id, { onDelete: 'cascade' }),
    number: integer('number').notNull(),
    parentId: ref('parent_id'),
    state: text('state').$type<NodeState>().notNull(),
    strategy: text('strategy').$type<Strategy>().notNull(),
    title: text('title').notNull(),
    hypothesis: text('hypothesis').notNull(),
    recipe: jsonb('recipe').$type<Recipe>(),
    /** Rows before and after each step of the recipe. */
    trace: jsonb('trace').$type<RecipeTrace[]>(),
    /** What was proposed, while its rows are not made: code of its recipe waits for a person. Null with trials, and else. */
    proposal: jsonb('proposal').$type<Proposal>(),
    /** What a model thought of below this node and nothing could be done with yet; null while there is nothing. */
    kept: jsonb('kept').$type<KeptPlan>(),
    factors: jsonb('factors').$type<string[]>().notNull(),
    expectedGain: jsonb('expected_gain').$type<{ low: number; high: number }>(),
    refutedBy: text('refuted_by').notNull(),
    bestTrialId: ref('best_trial_id'),
    score: jsonb('score').$type<Score>(),
    delta: jsonb('delta').$type<PairedDifference>(),
    diagnosis: jsonb('diagnosis').$type<NonNullable<NodeView['diagnosis']>>(),
    failure: jsonb('failure').$type<Failure>(),
    createdAt: at('created_at').notNull(),
    startedAt: at('started_at'),
    finishedAt: at('finished_at'),
  },
  (t) => [
    uniqueIndex('node_number').on(t.campaignId, t.number),
    uniqueIndex('node_one_root').on(t.campaignId).where(sql`${t.parentId} is null`),
    foreignKey({ columns: [t.parentId], foreignColumns: [t.id], name: 'node_parent' }).onDelete('cascade'),
    index('node_open').on(t.campaignId, t.state),
  ],
);

export interface KeptPlan {
  /** Null: there was no plan to be had. */
  proposal: Proposal | null;
  /** Hash of the wishes under which it was thought of. */
  steering: string;
  /** Hash of the tree as it was then. */
  tree: string;
}

/** What a trial is for: `confirm` repeats a finalist with a fresh seed, `probe` measures what a step takes. */
export type TrialPurpose = 'search' | 'confirm' | 'probe';
export type JobKind = 'run' | 'test' | 'probe';

/** One training configuration; a probe belongs to the root, whatever node is planned with what it measures. */
export const trial = pgTable(
  'trial',
  {
    id: id(),
    campaignId: text('campaign_id')
      .notNull()
      .references(() => campaign.id, { onDelete: 'cascade' }),
    nodeId: ref('node_id')
      .notNull()
      .references(() => node.id, { onDelete: 'cascade' }),
    index: integer('index').notNull(),
    purpose: text('purpose').$type<TrialPurpose>().notNull(),
    state: text('state').$type<TrialState>().notNull(),
    spec: jsonb('spec').$type<RunSpec>().notNull(),
    specHash: text('spec_hash').notNull(),
    changes: jsonb('changes').$type<string[]>().notNull(),
    /**
     * The engine's own, before any correction: of a run in all, of a probe for one step. Null where it was not the engine
     * that told what to expect.
     */
    predictedSeconds: doublePrecision('predicted_seconds'),
    expectedSeconds: doublePrecision('expected_seconds').notNull(),
    ceilingSeconds: doublePrecision('ceiling_seconds').notNull(),
    expectedUsd: doublePrecision('expected_usd').notNull(),
    ceilingUsd: doublePrecision('ceiling_usd').notNull(),
    /** What the run says of itself: losses, tokens per second, weights. */
    outcome: jsonb('outcome').$type<TrialOutcome>(),
    failure: jsonb('failure').$type<Failure>(),
    progress: doublePrecision('progress'),
    createdAt: at('created_at').notNull(),
    finishedAt: at('finished_at'),
  },
  (t) => [
    uniqueIndex('trial_index').on(t.nodeId, t.index),
    // What the end of a campaign withdrew may be tried again when it is continued.
    uniqueIndex('trial_spec').on(t.campaignId, t.specHash).where(sql`${t.state} <> 'withdrawn'`),
    index('trial_open').on(t.campaignId, t.state),
  ],
);

/** One piece of cluster work of a trial. The key is its name on the cluster. */
export const job = pgTable(
  'job',
  {
    /** Also the key of the money held for it: what was not reserved cannot be written down, so not submitted. */
    key: text('key')
      .primaryKey()
      .references(() => reservation.key, { onDelete: 'cascade' }),
    campaignId: text('campaign_id')
      .notNull()
      .references(() => campaign.id, { onDelete: 'cascade' }),
    trialId: ref('trial_id')
      .notNull()
      .references(() => trial.id, { onDelete: 'cascade' }),
    /** run: train and predict. test: predict the test split with the weights of the run. probe: a few steps, timed. */
    kind: text('kind').$type<JobKind>().notNull(),
    attempt: integer('attempt').notNull(),
    /** intent: to be submitted; live: handed over; ended: final state known; harvested: results read and paid for. */
    state: text('state').$type<'intent' | 'live' | 'ended' | 'harvested'>().notNull(),
    /** The cluster's last word. */
    clusterState: text('cluster_state'),
    reason: text('reason'),
    /** Since when it waits to run, and for whom; null while it runs and after its end. */
    wait: jsonb('wait').$type<JobWait>(),
    exitCode: integer('exit_code'),
    limitSeconds: doublePrecision('limit_seconds').notNull(),
    runSeconds: doublePrecision('run_seconds').notNull().default(0),
    metricsOffset: integer('metrics_offset').notNull().default(0),
    /** What its metrics have shown so far; null before the first look at it while it trains. */
    pulse: jsonb('pulse').$type<Pulse>(),
    /** Decided by us and not by people: why it is ended, or was never handed over. Written before it is done. */
    stop: jsonb('stop').$type<Stop>(),
    /** Why people no longer want it. */
    cancelBecause: text('cancel_because'),
    createdAt: at('created_at').notNull(),
    submittedAt: at('submitted_at'),
    endedAt: at('ended_at'),
  },
  (t) => [
    uniqueIndex('job_attempt').on(t.trialId, t.kind, t.attempt),
    index('job_live').on(t.state),
    check('job_attempt_positive', sql`${t.attempt} >= 1`),
  ],
);

/**
 * What of a run's large files goes. Decided once, under the campaign's lock, and from that moment nobody counts on it;
 * a loop carries it out, as often as it takes.
 */
export const discard = pgTable(
  'discard',
  {
    jobKey: text('job_key')
      .notNull()
      .references(() => job.key, { onDelete: 'cascade' }),
    what: text('what').$type<LargeFiles>().notNull(),
    campaignId: text('campaign_id')
      .notNull()
      .references(() => campaign.id, { onDelete: 'cascade' }),
    decidedAt: at('decided_at').notNull(),
    /** Null until the cluster has removed it. */
    doneAt: at('done_at'),
    /** What that freed. */
    bytes: bigint('bytes', { mode: 'number' }),
  },
  (t) => [
    primaryKey({ columns: [t.jobKey, t.what] }),
    index('discard_campaign').on(t.campaignId),
    index('discard_open').on(t.decidedAt).where(sql`${t.doneAt} is null`),
  ],
);

/** Weights on their way out of here, bound to their hash and a target, behind a person's yes. */
export const shipment = pgTable(
  'shipment',
  {
    id: text('id').primaryKey(),
    campaignId: text('campaign_id')
      .notNull()
      .references(() => campaign.id, { onDelete: 'cascade' }),
    state: text('state').$type<ShipmentState>().notNull(),
    /** Number of the round whose weights they are. */
    round: integer('round').notNull(),
    /** Key of the run that left them. */
    runKey: text('run_key').notNull(),
    weightsSha256: text('weights_sha256').notNull(),
    weightsBytes: bigint('weights_bytes', { mode: 'number' }).notNull(),
    /** Everything a yes stands for besides the weights: kind, place, who can see it, license. */
    terms: jsonb('terms').$type<ShipTerms>().notNull(),
    requestedBy: text('requested_by').notNull(),
    requestedAt: at('requested_at').notNull(),
    decidedBy: text('decided_by'),
    decidedAt: at('decided_at'),
    /** Tries that failed. */
    failures: integer('failures').notNull().default(0),
    /** When it is tried next. */
    dueAt: at('due_at').notNull(),
    /** Share that has arrived, in [0, 1]; null before the first byte. */
    progress: doublePrecision('progress'),
    /** Where it can be seen, once it has arrived. */
    url: text('url'),
    /** Why the last try failed, as people read it. */
    problem: text('problem'),
    endedAt: at('ended_at'),
  },
  (t) => [
    index('shipment_campaign').on(t.campaignId, t.requestedAt),
    index('shipment_due').on(t.dueAt).where(sql`${t.state} in ('approved', 'shipping')`),
  ],
);

/** A point of a training curve. */
export const metric = pgTable(
  'metric',
  {
    trialId: ref('trial_id')
      .notNull()
      .references(() => trial.id, { onDelete: 'cascade' }),
    attempt: integer('attempt').notNull(),
    seq: integer('seq').notNull(),
    step: integer('step').notNull(),
    steps: integer('steps').notNull(),
    values: jsonb('values').$type<Record<string, number>>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.trialId, t.attempt, t.seq] })],
);

/** Per-item results of a trial on a split: what paired comparisons are made of. */
export const splitResult = pgTable(
  'split_result',
  {
    trialId: ref('trial_id')
      .notNull()
      .references(() => trial.id, { onDelete: 'cascade' }),
    split: text('split').$type<SplitName>().notNull(),
    score: jsonb('score').$type<Score>().notNull(),
    items: jsonb('items').$type<ItemResult[]>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.trialId, t.split] })],
);

/**
 * A question to people, decided by one pending -> decided update. About money: bound to hashes of run specs and a ceiling.
 * About code: bound to hashes of the code; nothing of it has run, so the costs are those of the round without it.
 */
export const approval = pgTable(
  'approval',
  {
    id: text('id').primaryKey(),
    campaignId: text('campaign_id')
      .notNull()
      .references(() => campaign.id, { onDelete: 'cascade' }),
    nodeId: ref('node_id')
      .notNull()
      .references(() => node.id, { onDelete: 'cascade' }),
    kind: text('kind').$type<ApprovalKind>().notNull().default('money'),
    state: text('state').$type<ApprovalState>().notNull(),
    specHashes: jsonb('spec_hashes').$type<string[]>().notNull(),
    expectedSeconds: doublePrecision('expected_seconds').notNull(),
    expectedUsd: doublePrecision('expected_usd').notNull(),
    ceilingSeconds: doublePrecision('ceiling_seconds').notNull(),
    ceilingUsd: doublePrecision('ceiling_usd').notNull(),
    /** The card as people saw it. */
    card: jsonb('card').$type<ApprovalCard>().notNull(),
    /** A cheaper plan that the Cheaper button swaps in; null when there is none. */
    cheaper: jsonb('cheaper').$type<PlannedNode>(),
    requestedAt: at('requested_at').notNull(),
    decidedBy: text('decided_by'),
    decidedAt: at('decided_at'),
  },
  (t) => [
    index('approval_open').on(t.campaignId, t.state),
    check('approval_decided', sql`${t.state} = 'pending' or ${t.decidedAt} is not null`),
  ],
);

/** One person's last word on an approval. A decision is made of these rows, in the transaction of the last one. */
export const approvalVote = pgTable(
  'approval_vote',
  {
    approvalId: text('approval_id')
      .notNull()
      .references(() => approval.id, { onDelete: 'cascade' }),
    userId: text('user_id').notNull(),
    decision: text('decision').$type<ApprovalDecision>().notNull(),
    at: at('at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.approvalId, t.userId] })],
);

/** Money held for a piece of work before it starts; settled with what it cost. */
export const reservation = pgTable(
  'reservation',
  {
    key: text('key').primaryKey(),
    campaignId: text('campaign_id')
      .notNull()
      .references(() => campaign.id, { onDelete: 'cascade' }),
    trialId: ref('trial_id').references(() => trial.id, { onDelete: 'cascade' }),
    purpose: text('purpose').$type<'compute' | 'thinking' | 'data'>().notNull(),
    state: text('state').$type<'held' | 'settled'>().notNull(),
    ceilingSeconds: doublePrecision('ceiling_seconds').notNull(),
    ceilingUsd: doublePrecision('ceiling_usd').notNull(),
    spentSeconds: doublePrecision('spent_seconds').notNull().default(0),
    spentUsd: doublePrecision('spent_usd').notNull().default(0),
    heldAt: at('held_at').notNull(),
    settledAt: at('settled_at'),
  },
  (t) => [
    index('reservation_campaign').on(t.campaignId, t.state),
    check(
      'reservation_amounts',
      sql`${t.ceilingSeconds} >= 0 and ${t.ceilingUsd} >= 0 and ${t.spentSeconds} >= 0`,
    ),
  ],
);

/** A lesson with its evidence, as last computed. `toldAt` null until it was posted. */
export const insight = pgTable(
  'insight',
  {
    campaignId: text('campaign_id')
      .notNull()
      .references(() => campaign.id, { onDelete: 'cascade' }),
    factor: text('factor').notNull(),
    effect: jsonb('effect').$type<Effect>().notNull(),
    text: text('text').notNull(),
    toldAt: at('told_at'),
    updatedAt: at('updated_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.campaignId, t.factor] })],
);

/** What others have published about a campaign's task: looked up once, when it starts. */
export const research = pgTable('research', {
  campaignId: text('campaign_id')
    .primaryKey()
    .references(() => campaign.id, { onDelete: 'cascade' }),
  findings: jsonb('findings').$type<Findings>().notNull(),
  doneAt: at('done_at').notNull(),
});

/** What is to go out. With a slot, the message in that slot is made to show this; the newest wins. */
export const outbox = pgTable(
  'outbox',
  {
    id: id(),
    /** Our own key; travels in the message's metadata. */
    key: text('key').notNull(),
    campaignId: text('campaign_id').references(() => campaign.id, { onDelete: 'cascade' }),
    channel: text('channel').notNull(),
    threadTs: text('thread_ts'),
    slot: text('slot'),
    payload: jsonb('payload').$type<OutboxPayload>().notNull(),
    state: text('state').$type<OutboxState>().notNull(),
    attempts: integer('attempts').notNull().default(0),
    availableAt: at('available_at').notNull(),
    leaseToken: integer('lease_token').notNull().default(0),
    leaseUntil: at('lease_until'),
    lastError: text('last_error'),
    createdAt: at('created_at').notNull(),
    sentAt: at('sent_at'),
  },
  (t) => [
    uniqueIndex('outbox_key').on(t.key),
    index('outbox_due').on(t.availableAt).where(sql`${t.state} in ('pending', 'sending')`),
    index('outbox_slot').on(t.slot),
  ],
);

/** A message of ours that exists in Slack, by the name of what it shows. */
export const messageSlot = pgTable('message_slot', {
  slot: text('slot').primaryKey(),
  channel: text('channel').notNull(),
  ts: text('ts').notNull(),
  updatedAt: at('updated_at').notNull(),
});

/** What came from Slack, before anything is done about it. */
export const inbox = pgTable(
  'inbox',
  {
    /** Team and event id, or the name of a click: the same one again is a duplicate. */
    key: text('key').primaryKey(),
    /** Events of one thread are handled one at a time, in the order of `ts`. */
    thread: text('thread').notNull(),
    /** Slack's time of the event, digits as Slack writes them: texts of equal length, so they sort. */
    ts: text('ts').notNull(),
    /** As it came. Text, because jsonb refuses characters that JSON may hold (NUL, half of a pair). */
    payload: text('payload').notNull(),
    state: text('state').$type<InboxState>().notNull(),
    /** How often it was begun; more than `failures` + 1 when a worker died over it. */
    attempts: integer('attempts').notNull().default(0),
    failures: integer('failures').notNull().default(0),
    availableAt: at('available_at').notNull(),
    leaseToken: integer('lease_token').notNull().default(0),
    leaseUntil: at('lease_until'),
    lastError: text('last_error'),
    receivedAt: at('received_at').notNull(),
    /** When it ended, done or dead. */
    doneAt: at('done_at'),
  },
  (t) => [
    index('inbox_open').on(t.state, t.availableAt).where(sql`${t.state} <> 'done'`),
    index('inbox_thread').on(t.thread, t.ts),
    index('inbox_leased').on(t.thread).where(sql`${t.leaseUntil} is not null`),
  ],
);

export type InboxState = 'pending' | 'done' | 'dead';

/** A channel the bot works in, with its daily summary. */
export const channel = pgTable(
  'channel',
  {
    teamId: text('team_id').notNull(),
    channel: text('channel').notNull(),
    timeZone: text('time_zone').notNull(),
    /** Local minute of the day of the summary; null turns it off. */
    summaryMinute: integer('summary_minute'),
    createdAt: at('created_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.teamId, t.channel] })],
);

/** One run of a daily schedule; its key makes it happen once, and its snapshot is what tomorrow compares with. */
export const scheduleRun = pgTable(
  'schedule_run',
  {
    teamId: text('team_id').notNull(),
    channel: text('channel').notNull(),
    name: text('name').notNull(),
    localDate: text('local_date').notNull(),
    snapshot: jsonb('snapshot').$type<Record<string, { best: number | null }>>().notNull(),
    claimedAt: at('claimed_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.teamId, t.channel, t.name, t.localDate] })],
);

/** Who may do a thing that only one may do; the token fences off an owner that lost it. */
export const lease = pgTable('lease', {
  name: text('name').primaryKey(),
  owner: text('owner').notNull(),
  token: bigint('token', { mode: 'number' }).notNull(),
  until: at('until').notNull(),
});

/** Every call to a language model, answered or not. Rows are only added. */
export const thinkingCall = pgTable(
  'thinking_call',
  {
    id: id(),
    campaignId: text('campaign_id')
      .notNull()
      .references(() => campaign.id, { onDelete: 'cascade' }),
    /** Number of the round it was for; null before the search. */
    node: integer('node'),
    purpose: text('purpose').$type<ThinkingPurpose>().notNull(),
    model: text('model').notNull(),
    outcome: text('outcome').notNull(),
    inputTokens: integer('input_tokens').notNull(),
    outputTokens: integer('output_tokens').notNull(),
    estimated: boolean('estimated').notNull(),
    /** Null: the price is not known. */
    usd: doublePrecision('usd'),
    seconds: doublePrecision('seconds').notNull(),
    at: at('at').notNull(),
  },
  (t) => [index('thinking_call_campaign').on(t.campaignId, t.id)],
);

/** Audit: what happened, who did it. Names are `noun.verb` in the past. */
export const event = pgTable(
  'event',
  {
    id: id(),
    campaignId: text('campaign_id').references(() => campaign.id, { onDelete: 'cascade' }),
    name: text('name').notNull(),
    actor: text('actor').notNull(),
    data: jsonb('data').$type<Record<string, unknown>>().notNull(),
    at: at('at').notNull(),
  },
  (t) => [index('event_campaign').on(t.campaignId, t.id)],
);

/** Measured over predicted time per (cluster, engine, hardware, method): an exponential average that corrects estimates. */
export const calibration = pgTable('calibration', {
  name: text('name').primaryKey(),
  factor: doublePrecision('factor').notNull(),
  runs: integer('runs').notNull(),
  /** Mean square of the logarithm of measured over expected; null until a corrected estimate was measured. */
  squaredError: doublePrecision('squared_error'),
  updatedAt: at('updated_at').notNull(),
});
