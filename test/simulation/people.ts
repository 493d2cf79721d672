import { unitHash } from '../../src/lib/hash.ts';
import type { Rng } from '../../src/lib/rng.ts';
import type { Bot, IncomingMessage, Reply } from '../../src/operations/bot.ts';
import type { Simulation } from './simulation.ts';

/** An action of a person, on its way to the bot. The chat repeats a message until it is stored, a click never. */
export type PersonEvent = { label: string; dueAt: number } & (
  | { kind: 'message'; message: IncomingMessage }
  | { kind: 'click'; key: string; act(bot: Bot): Promise<unknown> }
);

export interface Person {
  /** Their actions now, from the current thread. `isQuiet`: nothing in the bot moves by itself. */
  act(isQuiet: boolean): Promise<PersonEvent[]>;
}

const user = 'U1';
interface Seen {
  id: string;
  state: string;
  paused: boolean;
  channel: string;
  thread: string;
  seconds: number | null;
  ends: number;
}

const look = (sim: Simulation): Promise<Seen[]> =>
  sim.database.read<Seen>(`select id, state, paused, channel, thread_ts as thread,
    (brief->'budget'->>'computeSeconds')::float8 as seconds, ends from campaign order by created_at`);

/** The open cards, with the node that each is about. */
const cards = (sim: Simulation, campaignId: string): Promise<{ id: string; number: number }[]> =>
  sim.database.read(
    `select a.id, n.number from approval a join node n on n.id = a.node_id
     where a.state = 'pending' and a.campaign_id = $1 order by n.number`,
    [campaignId],
  );

/** The cards that offer to raise the budget. */
const moneyCards = (sim: Simulation, campaignId: string): { question: string; value: string }[] =>
  sim.chat.messages.flatMap(({ content }) =>
    content.kind === 'budget_reached' && content.campaignId === campaignId && content.closed === null
      ? [{ question: content.questionId, value: content.raises.at(-1)?.value ?? '' }]
      : [],
  );

/** Commands that wait for a person to press a button. */
const confirmations = (
  sim: Simulation,
  campaignId: string,
): { confirmationId: string; choices: string[] }[] =>
  sim.chat.messages.flatMap(({ content }) =>
    content.kind === 'confirmation' && content.campaignId === campaignId && content.closed === null
      ? [{ confirmationId: content.confirmationId, choices: content.choices.map(({ value }) => value) }]
      : [],
  );

const click = (sim: Simulation, label: string, act: (bot: Bot) => Promise<unknown>): PersonEvent => ({
  kind: 'click',
  label: `presses ${label}`,
  key: `click:${sim.newId('k')}`,
  act,
  dueAt: sim.now(),
});

const write = (
  sim: Simulation,
  channel: string,
  ts: string,
  threadTs: string | null,
  text: string,
): PersonEvent => ({
  kind: 'message',
  label: `writes "${text}"`,
  message: {
    teamId: 'T1',
    channel,
    ts,
    threadTs,
    user,
    text,
    files: [],
    mentioned: true,
    direct: false,
  },
  dueAt: sim.now(),
});

/**
 * Decides by the node alone, and only when all else has come to rest, so that the same questions get the same answers in
 * the same order whatever happens to the bot in between.
 */
export function createSteadyPerson(sim: Simulation, request: string, seed: number): Person {
  let sequence = 0;
  const refused = new Set<string>();
  const ts = '1000.000001';
  const ask = (): PersonEvent => write(sim, 'C1', ts, null, request);
  return {
    act: async (isQuiet) => {
      const [campaign] = await look(sim);
      if (campaign === undefined) return [ask()];
      const { id } = campaign;
      if (campaign.state === 'ready')
        return [click(sim, 'Start', (bot) => bot.start({ campaignId: id, user }))];
      if (campaign.paused) {
        return [write(sim, 'C1', `1001.${String(++sequence).padStart(6, '0')}`, ts, 'resume')];
      }
      if (!isQuiet) return [];
      const [money] = moneyCards(sim, id);
      if (money !== undefined) {
        return [
          click(sim, `${money.value} more`, (bot) => bot.raiseBudget({ campaignId: id, ...money, user })),
        ];
      }
      const [card] = await cards(sim, id);
      if (campaign.state !== 'searching' || card === undefined) return [];
      const draw = unitHash(`${seed}:${card.number}`);
      const wish = draw < 0.6 ? 'approve' : draw < 0.8 ? 'cheaper' : 'reject';
      const decision = refused.has(card.id) ? 'reject' : wish;
      return [
        click(sim, `${decision} on #${card.number}`, async (bot) => {
          const reply: Reply = await bot.decide({ approvalId: card.id, decision, user });
          if (reply.private !== null && !reply.private.includes('already')) refused.add(card.id);
        }),
      ];
    },
  };
}

/** Acts at random, at any time, sometimes twice. */
export function createRestlessPerson(
  sim: Simulation,
  rng: Rng,
  requests: { channel: string; text: string }[],
): Person {
  let sequence = 0;
  const patience = 0.15 + rng.next() * 0.35;
  return {
    act: async () => {
      const events: PersonEvent[] = [];
      const seen = await look(sim);
      for (const [i, { channel, text }] of requests.entries()) {
        const ts = `100${i}.000001`;
        if (seen.some((c) => c.channel === channel && c.thread === ts) || rng.next() > patience) continue;
        events.push(write(sim, channel, ts, null, text));
      }
      for (const c of seen) {
        if (rng.next() > patience) continue;
        const say = (text: string): PersonEvent =>
          write(
            sim,
            c.channel,
            `${Math.floor(sim.now() / 1000)}.${String(900_000 + ++sequence)}`,
            c.thread,
            text,
          );
        if (c.state === 'intake') events.push(...answerQuestion(sim, c));
        else if (c.state === 'ready') {
          events.push(click(sim, `Start on ${c.id}`, (bot) => bot.start({ campaignId: c.id, user })));
        } else if (c.state === 'searching' || c.state === 'confirming') {
          const open = await cards(sim, c.id);
          const card = open.length > 0 && rng.next() < 0.5 ? rng.pick(open) : undefined;
          const money = moneyCards(sim, c.id).at(-1);
          const asked = confirmations(sim, c.id).at(-1);
          if (card !== undefined) {
            const decision = rng.pick(['approve', 'approve', 'cheaper', 'reject'] as const);
            const who = rng.pick(['U1', 'U2']);
            const decide = (bot: Bot): Promise<Reply> =>
              bot.decide({ approvalId: card.id, decision, user: who });
            events.push(click(sim, `${decision} on #${card.number}`, decide));
          } else if (asked !== undefined && rng.next() < 0.6) {
            const { confirmationId } = asked;
            const choice = rng.pick(asked.choices);
            const press = (bot: Bot): Promise<Reply> =>
              bot.confirm({ campaignId: c.id, confirmationId, choice, user });
            events.push(click(sim, `${choice} to ${confirmationId} of ${c.id}`, press));
          } else if (c.paused) events.push(say('resume'));
          else if (money !== undefined && rng.next() < 0.6) {
            const raise = (bot: Bot): Promise<Reply> => bot.raiseBudget({ campaignId: c.id, ...money, user });
            events.push(click(sim, `${money.value} more for ${c.id}`, raise));
          } else if (rng.next() < 0.12) {
            const draw = rng.next();
            if (draw < 0.3) events.push(say('stop'));
            else if (draw < 0.45) events.push(say('wrap up'));
            else events.push(say(rng.pick(wishes)));
          }
        } else if (
          (c.state === 'stopped' || c.state === 'finished') &&
          c.ends < maxEnds &&
          rng.next() < 0.3
        ) {
          const value = rng.pick(['', '1 min', '2 min']);
          const goOn = (bot: Bot): Promise<Reply> =>
            bot.continueFromReport({ campaignId: c.id, user, end: c.ends, value });
          events.push(click(sim, `Continue ${value} of ${c.id}`, goOn));
        }
      }
      return events;
    },
  };
}

/** A campaign is not continued after this many ends, so that every run comes to rest. */
const maxEnds = 2;

const wishes = [
  'status',
  'pause',
  'why 1',
  'raise the budget by 1 minute',
  'raise the budget by 1 minute',
  'drop LoRA',
  'approve',
  'reject',
  'show 2',
  'focus on short words',
];

function answerQuestion(sim: Simulation, campaign: Seen): PersonEvent[] {
  const asked = sim.chat.messages.flatMap(({ ts, content }) =>
    content.kind === 'question' && content.campaignId === campaign.id ? [{ ts, ...content.question }] : [],
  );
  const last = asked.at(-1);
  const value = last?.options[0]?.value;
  if (last === undefined || value === undefined) return [];
  const { field, ts } = last;
  return [
    click(sim, `${value} for ${field}`, (bot) =>
      bot.answerQuestion({ campaignId: campaign.id, field, value, user, messageTs: ts }),
    ),
  ];
}
