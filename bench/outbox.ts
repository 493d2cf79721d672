import { createPace, deliverMessages } from '../src/operations/delivery/deliver-messages.ts';
import { say } from '../src/operations/say.ts';
import { openDatabase } from '../test/support/open-database.ts';
import { createWorld } from '../test/support/world/create-world.ts';
import type { BenchLine } from './line.ts';
import { withDatabases } from './with-databases.ts';

const messages = 2000;
const threads = 8;

/**
 * Messages through the outbox (written, claimed, sent, recorded) to a chat that answers at once, against calling that
 * chat directly. A pass sends one message a channel, so eight channels fill it. About 30 s.
 */
export async function benchOutbox(): Promise<BenchLine[]> {
  const lines: BenchLine[] = [];
  await withDatabases(async (make) => {
    const { name, place } = await make();
    const database = await openDatabase(place);
    const world = createWorld(database.db);
    const { ctx } = world;
    const campaignId = await world.begin();
    const at = ctx.clock.now();
    const wait = world.chat.messages.length;

    const writeMs = await timed(async () => {
      for (let i = 0; i < messages; i++) {
        await database.db.transaction((tx) =>
          say(
            tx,
            { id: campaignId, channel: `C${i % threads}`, threadTs: '1.0' },
            { key: `bench:${i}`, payload: { kind: 'text', text: `message ${i}` }, at },
          ),
        );
      }
    });
    const pace = createPace();
    const sendMs = await timed(async () => {
      while (world.chat.messages.length < wait + messages) await deliverMessages({ ctx, pace });
    });
    const bareMs = await timed(async () => {
      for (let i = 0; i < messages; i++) {
        await world.chat.post({
          ...{ channel: `C${i % threads}`, threadTs: '1.0', key: `bare:${i}` },
          ...{ content: { kind: 'text', text: `message ${i}` }, context: { pictureMode: 'none' } },
        });
      }
    });
    world.dispose();
    await database.close();
    const perSecond = (ms: number): number => Math.round((messages / ms) * 1000);
    const bare = perSecond(bareMs);
    const line = (what: string, value: number) => ({
      bench: 'outbox',
      case: `${name}, ${what}`,
      value,
      unit: '1/s',
    });
    const against = 'bare calls';
    const ratio = (value: number): number => Number((value / bare).toPrecision(2));
    lines.push(
      { ...line('delivered', perSecond(sendMs)), against, ratio: ratio(perSecond(sendMs)) },
      line('written', perSecond(writeMs)),
      {
        ...line('written and delivered', perSecond(writeMs + sendMs)),
        ...{ against, ratio: ratio(perSecond(writeMs + sendMs)) },
      },
      line('bare calls of the same chat', bare),
    );
  });
  return lines;
}

async function timed(work: () => Promise<void>): Promise<number> {
  const startedMs = performance.now();
  await work();
  return performance.now() - startedMs;
}
