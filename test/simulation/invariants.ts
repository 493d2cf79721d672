import type { CampaignState, NodeState, TrialState } from '../../src/campaign/states.ts';
import {
  isFinalCampaign,
  isFinalNode,
  isFinalTrial,
  mayMoveCampaign,
  mayMoveNode,
} from '../../src/campaign/states.ts';
import type { Simulation } from './simulation.ts';

/** Checks the invariants after every step, from the database and the outside, not from the bot's own messages. */
export function createInvariants(sim: Simulation): {
  check(): Promise<void>;
  /** Checks further invariants that hold when there were no faults for a while. */
  checkCalm(): Promise<void>;
  checkEnd(): Promise<void>;
} {
  const { database } = sim;
  const seen = new Map<string, { state: string; outcome: string | null }>();
  let lookedAt = -1;

  const states = async (): Promise<void> => {
    const rows = await database.read<{ name: string; state: string; outcome: string | null }>(`
      select 'campaign ' || id as name, state, null as outcome from campaign
      union all select (case when parent_id is null then 'root ' else 'node ' end) || id, state, score->>'value' from node
      union all select 'trial ' || id, state, outcome->>'weightsSha256' from trial
      union all select 'approval ' || id, state, null from approval
      union all select 'job ' || key, state, null from job
      union all select 'reservation ' || key, state, spent_seconds::text from reservation
      union all select 'result ' || trial_id || ' ' || split, 'settled', score->>'value' from split_result`);
    for (const { name, state, outcome } of rows) {
      const before = seen.get(name);
      seen.set(name, { state, outcome });
      if (before === undefined) continue;
      if (before.state === state) {
        if (isFinal(name, state) && before.outcome !== outcome) {
          sim.violate(`${name} was ${state} with ${before.outcome} and now has ${outcome}`);
        }
        continue;
      }
      sim.tell({ name }, `is ${state}, was ${before.state}`);
      if (!mayFollow(name, before.state, state))
        sim.violate(`${name} was ${before.state} and became ${state}`);
    }
  };

  /** One statement for all rules: a row for each violation. */
  const rules = async (): Promise<void> => {
    for (const { line } of await database.read<{ line: string }>(ruleStatement)) sim.violate(line);
  };

  const messages = async (): Promise<void> => {
    const silent = await database.read<{ key: string }>(
      `select key from outbox where state = 'parked' and last_error is null`,
    );
    for (const { key } of silent) sim.violate(`${key} was given up without a reason`);
  };

  /** Checks what is left when there are no faults any more. */
  const atRest = async (): Promise<void> => {
    const seconds = sim.now() / 1000;
    const campaigns = await database.read<{
      id: string;
      state: CampaignState;
      paused: boolean;
      due: boolean;
      channel: string;
      waiting: number;
      asked: number;
    }>(`
      select c.id, c.state, c.paused, c.report_due as due, c.channel,
        (select count(*)::int from node n where n.campaign_id = c.id and n.state = 'awaiting_approval') as waiting,
        (case when c.open_card->'payload'->>'kind' = 'budget_reached' then 1 else 0 end) as asked
      from campaign c`);
    for (const c of campaigns) {
      const waits =
        c.state === 'intake' ||
        c.state === 'ready' ||
        c.paused ||
        (c.state === 'searching' && c.waiting > 0) ||
        c.asked > 0;
      if (!isFinalCampaign(c.state) && !waits)
        sim.violate(`${c.id} is ${c.state} and nothing moves it any more`);
      if (c.due) sim.violate(`${c.id} was stopped and nobody reports it`);
      const shown = sim.chat.messages.filter(
        (m) => m.content.kind === 'progress' && m.content.view.id === c.id,
      );
      if (shown.length > 1) sim.violate(`${c.id} has ${shown.length} progress messages`);
      const content = shown[0]?.content;
      if (sim.isArchived(c.channel) || content?.kind !== 'progress') continue;
      const state = await database.read<{ number: number; state: NodeState }>(
        'select number, state from node where campaign_id = $1 order by 1',
        [c.id],
      );
      const nodes = content.view.nodes.map(({ number, state: s }) => ({ number, state: s }));
      if (content.view.state !== c.state || JSON.stringify(nodes) !== JSON.stringify(state)) {
        sim.violate(
          `the progress message of ${c.id} shows an old moment (${content.view.state}, is ${c.state})`,
        );
      }
    }
    const open = await database.read<{ key: string; state: string; paused: boolean; campaign: string }>(
      `select j.key, j.state, c.paused, c.state as campaign from job j join campaign c on c.id = j.campaign_id
       where j.state <> 'harvested'`,
    );
    for (const job of open) {
      const waits = job.state === 'intent' && job.paused && !isFinalCampaign(job.campaign as CampaignState);
      if (!waits) sim.violate(`${job.key} is left ${job.state}`);
    }
    const held = await database.read<{ key: string }>(
      `select r.key from reservation r left join job j on j.key = r.key where r.state = 'held' and (j.state is null or j.state = 'harvested')`,
    );
    for (const { key } of held) sim.violate(`the money for ${key} is held for ever`);
    for (const key of sim.cluster.running(seconds)) sim.violate(`${key} still runs on the cluster`);
    const unread = await database.read<{ key: string }>(`select key from inbox where state = 'pending'`);
    for (const { key } of unread) sim.violate(`${key} was kept and never handled`);
    const unsent = await database.read<{ key: string; state: string }>(
      `select key, state from outbox where state in ('pending', 'sending')`,
    );
    for (const { key, state } of unsent) sim.violate(`${key} is left ${state}`);
    const missing = await database.read<{ key: string }>(
      `select key from outbox where state = 'sent' and slot is null order by id`,
    );
    const there = new Set(sim.chat.messages.map((m) => m.key));
    for (const { key } of missing) if (!there.has(key)) sim.violate(`${key} counts as sent and is not there`);
  };

  return {
    check: async () => {
      if (database.changesOfCampaigns() === lookedAt) return;
      lookedAt = database.changesOfCampaigns();
      await states();
      await rules();
    },
    checkCalm: async () => {
      const ended = await database.read<{ id: string }>(
        `select id from campaign where state in ('stopped', 'finished', 'failed')`,
      );
      for (const key of sim.cluster.running(sim.now() / 1000)) {
        const campaign = ended.find(({ id }) => key.startsWith(`trex-${id}-`));
        if (campaign !== undefined) sim.violate(`${key} runs on though its campaign has ended`);
      }
    },
    checkEnd: async () => {
      await messages();
      await atRest();
    },
  };
}

const kindOf = (name: string): string => name.slice(0, name.indexOf(' '));

function isFinal(name: string, state: string): boolean {
  switch (kindOf(name)) {
    case 'node':
      return isFinalNode(state as NodeState);
    case 'root':
      return state === 'scored' || state === 'failed';
    case 'trial':
      return isFinalTrial(state as TrialState);
    default:
      return state === 'settled';
  }
}

const jobOrder = ['intent', 'live', 'ended', 'harvested'];

function mayFollow(name: string, before: string, after: string): boolean {
  switch (kindOf(name)) {
    case 'campaign': {
      const [from, to] = [before as CampaignState, after as CampaignState];
      return mayMoveCampaign(from, to);
    }
    case 'root':
      // The campaign was stopped before the node was measured, and continued.
      if (before === 'withdrawn') return after === 'running';
      return mayFollow(name.replace('root', 'node'), before, after);
    case 'node': {
      // Two moves may happen between two checks: planned, asked or launched, closed.
      const [from, to] = [before as NodeState, after as NodeState];
      return !isFinalNode(from) && (mayMoveNode(from, to) || (from !== 'running' && isFinalNode(to)));
    }
    case 'trial':
      return !isFinalTrial(before as TrialState);
    case 'approval':
      return before === 'pending';
    case 'reservation':
      return before === 'held';
    default:
      return jobOrder.indexOf(before) < jobOrder.indexOf(after);
  }
}

const ruleStatement = `
  select c.id || ' holds and spent ' || used || ' s of a budget of ' || cap || ' s' as line from (
    select c.id, (c.brief->'budget'->>'computeSeconds')::float8 as cap,
      coalesce(sum(case when r.state = 'held' then r.ceiling_seconds else r.spent_seconds end), 0)::float8 as used
    from campaign c left join reservation r on r.campaign_id = c.id group by c.id) c where used > cap + 1e-6
  union all
  select what || ' happened ' || n || ' times' from (
    select campaign_id || ' ' || (case when name in ('approval.approved', 'approval.rejected') then 'approval.decided'
        when name in ('node.scored', 'node.failed', 'node.withdrawn') then 'node.closed'
        when name in ('campaign.finished', 'campaign.failed', 'campaign.stopped', 'campaign.ended_unconfirmed')
          then 'campaign.ended' else name end)
        || ' ' || coalesce(data->>'approval', data->>'job', data->>'node', data->>'end', '') as what, count(*) as n
    from event where name in ('approval.approved', 'approval.rejected', 'approval.requested', 'job.harvested',
      'job.repeated', 'node.scored', 'node.failed', 'node.withdrawn', 'node.planned', 'campaign.opened',
      'campaign.started', 'campaign.finished', 'campaign.failed', 'campaign.stopped', 'campaign.ended_unconfirmed',
      'campaign.continued', 'campaign.reported', 'test.opened')
    group by 1 having count(*) > 1) e
  union all
  select c.id || ' counts ' || c.openings || ' openings of the test rows and ' || c.ends || ' ends, and its events others'
    from campaign c where c.openings <> (select count(*) from event e where e.campaign_id = c.id and e.name = 'test.opened')
      or c.started_at is not null and c.ends <> (select count(*) from event e where e.campaign_id = c.id
        and e.name in ('campaign.finished', 'campaign.failed', 'campaign.stopped', 'campaign.ended_unconfirmed'))
  union all
  select p.campaign_id || ' grew #' || (p.data->>'node') || ' after it was wrapped up' from event p
    join event w on w.campaign_id = p.campaign_id and w.id < p.id and w.name = 'campaign.wrapped_up'
    where p.name = 'node.planned' and w.data->>'text' like 'Wrapping up%' and not exists (select 1 from event c
      where c.campaign_id = p.campaign_id and c.name = 'campaign.continued' and c.id > w.id and c.id < p.id)
  union all
  select j.key || ' was launched while its round is ' || n.state || coalesce(' and its question ' || a.state, '')
    from job j join trial t on t.id = j.trial_id join node n on n.id = t.node_id left join approval a on a.node_id = n.id
    where t.purpose = 'search' and (n.state in ('planned', 'awaiting_approval') or a.state in ('pending', 'rejected'))
  union all
  select distinct a.id || ' was approved for other specs than were launched'
    from approval a join trial t on t.node_id = a.node_id join job j on j.trial_id = t.id
    where t.purpose = 'search' and a.state = 'approved' and not (a.spec_hashes ? t.spec_hash)
  union all
  select a.id || ' was launched above the ceiling that was approved'
    from approval a join trial t on t.node_id = a.node_id join job j on j.trial_id = t.id
    where t.purpose = 'search' and j.attempt = 1 and j.kind = 'run'
    group by a.id having sum(j.limit_seconds) > a.ceiling_seconds + 1e-6
  union all
  select campaign_id || ' did twice what ' || (data->>'source') || ' asked for' from event
    where data->>'source' is not null group by campaign_id, data->>'source' having count(*) > 1
  union all
  select campaign_id || ' heard a message twice' from intake_entry
    where entry->>'kind' = 'message' group by campaign_id, entry::text having count(*) > 1
  union all
  select campaign || ' #' || number || ' is no sound part of its tree: below #' || coalesce(parent::text, '-') ||
    coalesce(', which is ' || state, '') from (
      select n.campaign_id as campaign, n.number, p.number as parent, p.state,
        row_number() over (partition by n.campaign_id order by n.number) - 1 as place
      from node n left join node p on p.id = n.parent_id and p.campaign_id = n.campaign_id) n
    where number <> place or (number = 0) <> (parent is null) or parent >= number or state <> 'scored'`;
