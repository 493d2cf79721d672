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
    /**
     * Since when the chat has no longer known the thread; messages wait until there is another one. Null: the thread
     * exists.
     */
    threadLostAt: at('thread_lost_at'),
    createdBy: text('created_by').notNull(),
    state: text('state').$type<CampaignState>().notNull(),
    paused: boolean('paused').notNull().default(false),
    /** Why nothing new starts, as people read it; null while the campaign advances. */
    heldBecause: text('held_because'),
    brief: jsonb('brief').$type<Brief>(),
    splits: jsonb('splits').$type<StoredSplits>(),
    /** The card whose buttons are live: a question or the brief; edited once it is decided. */
    openCard: jsonb('open_card').$type<OpenCard>(),
    steering: jsonb('steering').$type<Steering>().notNull(),
    /** Number of intake entries answered so far. */
    heard: integer('heard').notNull().default(0),
    /** The result of the last end, if a winner answered the test rows; null while the campaign runs. */
    final: jsonb('final').$type<FinalResult>(),
    /** The result of the last end, if no winner answered them; null while the campaign runs. */
    kept: jsonb('kept').$type<KeptResult>(),
    /** Results of the ends before people continued the campaign, oldest first. */
    earlier: jsonb('earlier').$type<FinalResult[]>().notNull().default([]),
    /** Number of times that the campaign has ended. */
    ends: integer('ends').notNull().default(0),
    /** Why it ended without a winner that answered the test rows, as a sentence for people; null otherwise. */
    endedBecause: text('ended_because'),
    /** The campaign was stopped, and its report on the results so far is still to be written. */
    reportDue: boolean('report_due').notNull().default(false),
    /**
     * Who asked to finish early, as people read it: no new node is planned, and no approval is asked for beyond the
     * budget. Null while nobody did.
     */
    wrapUp: text('wrap_up'),
    /** Number of times that the test split has been opened. */
    openings: integer('openings').notNull().default(0),
    /** Number of the node for which the test split was opened since the campaign last continued; null before that. */
    testing: integer('testing'),
    /**
     * Set once retention is final after the end; null while run files may still be deleted. Campaigns from before
     * retention existed get the default: nothing of theirs is deleted.
     */
    weightsSettledAt: at('weights_settled_at').defaultNow(),
    /** The time zone of the requester at the time of the request; for deadlines and the daily summary. */
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

/** A thread in which a campaign lived before: messages and clicks there still reach the campaign. */
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

/** The messages of people while the brief was made; intake is a fold over these. */
export const intakeEntry = pgTable(
  'intake_entry',
  {
    id: id(),
    campaignId: text('campaign_id')
      .notNull()
      .references(() => campaign.id, { onDelete: 'cascade' }),
    /** Message ts or click id: an entry counts once per source. */
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

/** A vertex of the search tree: one data recipe with its trials; people see it as a round. */
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
    /** The proposal, while its rows are not prepared because code of its recipe waits for approval. Otherwise null. */
    proposal: jsonb('proposal').$type<Proposal>(),
    /** A plan that a model proposed below this node and that could not be used yet; null while there is none. */
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
  /** Null: the model had no plan. */
  proposal: Proposal | null;
  /** Hash of the steering under which it was proposed. */
  steering: string;
  /** Hash of the tree at that time. */
  tree: string;
}

/** Purpose of a trial: `confirm` repeats a finalist with a fresh seed, `probe` measures the time of a step. */
export type TrialPurpose = 'search' | 'confirm' | 'probe';
export type JobKind = 'run' | 'test' | 'probe';

/** One training configuration; a probe belongs to the root, whichever node is planned with its measurement. */
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
     * The engine's estimate before any correction: of the whole run, for a probe of one step. Null where the estimate
     * did not come from the engine.
     */
    predictedSeconds: doublePrecision('predicted_seconds'),
    expectedSeconds: doublePrecision('expected_seconds').notNull(),
    ceilingSeconds: doublePrecision('ceiling_seconds').notNull(),
    expectedUsd: doublePrecision('expected_usd').notNull(),
    ceilingUsd: doublePrecision('ceiling_usd').notNull(),
    /** The run's own report: losses, tokens per second, weights. */
    outcome: jsonb('outcome').$type<TrialOutcome>(),
    failure: jsonb('failure').$type<Failure>(),
    progress: doublePrecision('progress'),
    createdAt: at('created_at').notNull(),
    finishedAt: at('finished_at'),
  },
  (t) => [
    uniqueIndex('trial_index').on(t.nodeId, t.index),
    // A trial that was withdrawn at the end of a campaign may be tried again when the campaign continues.
    uniqueIndex('trial_spec').on(t.campaignId, t.specHash).where(sql`${t.state} <> 'withdrawn'`),
    index('trial_open').on(t.campaignId, t.state),
  ],
);

/** One job of a trial on the cluster. The key is its name there. */
export const job = pgTable(
  'job',
  {
    /** Also the key of its reservation: a job without reserved money cannot be stored, so it is never submitted. */
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
    /** intent: to be submitted; live: submitted; ended: final state known; harvested: results read and paid for. */
    state: text('state').$type<'intent' | 'live' | 'ended' | 'harvested'>().notNull(),
    /** The state that the cluster last reported. */
    clusterState: text('cluster_state'),
    reason: text('reason'),
    /** Since when the job waits to run, and why; null while it runs and after its end. */
    wait: jsonb('wait').$type<JobWait>(),
    exitCode: integer('exit_code'),
    limitSeconds: doublePrecision('limit_seconds').notNull(),
    runSeconds: doublePrecision('run_seconds').notNull().default(0),
    metricsOffset: integer('metrics_offset').notNull().default(0),
    /** Health of the run, folded from its metrics; null before the first poll of its training. */
    pulse: jsonb('pulse').$type<Pulse>(),
    /**
     * A stop that the bot decided on, not people: why the job is ended or was never submitted. Recorded before it is
     * done.
     */
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
 * Large files of a run that are to be deleted. Decided once, under the campaign's lock; from that moment nothing relies
 * on the files. A loop deletes them and retries until they are gone.
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
    /** Bytes that the deletion freed. */
    bytes: bigint('bytes', { mode: 'number' }),
  },
  (t) => [
    primaryKey({ columns: [t.jobKey, t.what] }),
    index('discard_campaign').on(t.campaignId),
    index('discard_open').on(t.decidedAt).where(sql`${t.doneAt} is null`),
  ],
);

/** Export of weights, bound to their hash and a target; it needs an approval. */
export const shipment = pgTable(
  'shipment',
  {
    id: text('id').primaryKey(),
    campaignId: text('campaign_id')
      .notNull()
      .references(() => campaign.id, { onDelete: 'cascade' }),
    state: text('state').$type<ShipmentState>().notNull(),
    /** Number of the node whose weights they are. */
    round: integer('round').notNull(),
    /** Key of the run that produced them. */
    runKey: text('run_key').notNull(),
    weightsSha256: text('weights_sha256').notNull(),
    weightsBytes: bigint('weights_bytes', { mode: 'number' }).notNull(),
    /** The terms that an approval binds besides the hash of the weights: kind, place, who can see it, license. */
    terms: jsonb('terms').$type<ShipTerms>().notNull(),
    requestedBy: text('requested_by').notNull(),
    requestedAt: at('requested_at').notNull(),
    decidedBy: text('decided_by'),
    decidedAt: at('decided_at'),
    /** Number of failed attempts. */
    failures: integer('failures').notNull().default(0),
    /** Time of the next attempt. */
    dueAt: at('due_at').notNull(),
    /** Share uploaded so far, in [0, 1]; null before the first byte. */
    progress: doublePrecision('progress'),
    /** Where the uploaded weights can be seen. */
    url: text('url'),
    /** Why the last attempt failed, as people read it. */
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

/** Per-item results of a trial on a split: the input of paired comparisons. */
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
 * A question to people, decided by one pending -> decided update. About money: bound to hashes of run specs and a
 * ceiling. About code: bound to hashes of the code; none of it has run, so the costs are those of the node without it.
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

/**
 * A person's latest vote on an approval. A decision follows from these rows, in the transaction of the deciding vote.
 */
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

/** Money reserved for a job before it starts; settled with its actual cost. */
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

/** An insight with its evidence, as last computed. `toldAt` is null until it was posted. */
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

/** Published work about a campaign's task: looked up once, when it starts. */
export const research = pgTable('research', {
  campaignId: text('campaign_id')
    .primaryKey()
    .references(() => campaign.id, { onDelete: 'cascade' }),
  findings: jsonb('findings').$type<Findings>().notNull(),
  doneAt: at('done_at').notNull(),
});

/** Messages to send. With a slot, the message in that slot is edited to show this one; the newest wins. */
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

/** A message of the bot that exists in Slack, under the name of the content it shows. */
export const messageSlot = pgTable('message_slot', {
  slot: text('slot').primaryKey(),
  channel: text('channel').notNull(),
  ts: text('ts').notNull(),
  updatedAt: at('updated_at').notNull(),
});

/** Events and clicks from Slack, stored before they are handled. */
export const inbox = pgTable(
  'inbox',
  {
    /** Team and event id, or the name of a click: a repeated one is a duplicate. */
    key: text('key').primaryKey(),
    /** Events of one thread are handled one at a time, in the order of `ts`. */
    thread: text('thread').notNull(),
    /** Slack's time of the event, digits as Slack writes them: texts of equal length, so they sort. */
    ts: text('ts').notNull(),
    /** As it came. Text, because jsonb refuses characters that JSON may hold (NUL, half of a pair). */
    payload: text('payload').notNull(),
    state: text('state').$type<InboxState>().notNull(),
    /** Number of times that handling began; more than `failures` + 1 when a worker died over it. */
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

/** The right to do something that only one instance may do; the token fences off an owner that lost it. */
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
    /** Number of the node that it was for; null before the search. */
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
