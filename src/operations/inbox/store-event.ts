import { type InboxEntry, storeInbox } from '../../store/inbox.ts';
import type { Context } from '../context.ts';

/** Rows a statement takes at most. */
const batchSize = 64;

/** Something that came from the chat, as the inbox keeps it. */
export type IncomingEvent = Pick<InboxEntry, 'key' | 'thread' | 'ts' | 'payload'>;

export type StoreEvent = (input: IncomingEvent) => Promise<'stored' | 'duplicate'>;

/**
 * Keeps what comes in before anybody is told that we have it; resolves when it is on disk, rejects when it is not.
 * What arrives while a statement is under way shares the next one: alone an event pays one commit, under load a
 * commit is shared by many.
 * @param onStored Called after something new was kept: wakes the worker.
 */
export function createEventStore(ctx: Pick<Context, 'db' | 'clock'>, onStored: () => void): StoreEvent {
  interface Waiting {
    input: IncomingEvent;
    resolve: (outcome: 'stored' | 'duplicate') => void;
    reject: (error: unknown) => void;
  }
  const waiting: Waiting[] = [];
  let writing = false;

  const write = async (batch: Waiting[]): Promise<void> => {
    const at = ctx.clock.now();
    // The same key twice in a batch is one row.
    const first = new Map<string, Waiting>();
    for (const one of batch) if (!first.has(one.input.key)) first.set(one.input.key, one);
    const entries = [...first.values()].map(({ input }) => ({ ...input, at }));
    const stored = await storeInbox(ctx.db, entries);
    for (const one of batch) {
      const isNew = stored.has(one.input.key) && first.get(one.input.key) === one;
      one.resolve(isNew ? 'stored' : 'duplicate');
    }
    if (stored.size > 0) onStored();
  };
  const writeAll = async (): Promise<void> => {
    writing = true;
    try {
      while (waiting.length > 0) {
        const batch = waiting.splice(0, batchSize);
        try {
          await write(batch);
        } catch (error) {
          if (batch.length === 1) batch[0]?.reject(error);
          // One row that the database refuses must not take the others along.
          else for (const one of batch) await write([one]).catch(one.reject);
        }
      }
    } finally {
      writing = false;
    }
  };
  return (input) =>
    new Promise((resolve, reject) => {
      waiting.push({ input, resolve, reject });
      if (!writing) void writeAll();
    });
}
