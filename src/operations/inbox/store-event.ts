import { createGroupCommit } from '../../lib/group-commit.ts';
import { type InboxEntry, storeInbox } from '../../store/inbox.ts';
import type { Context } from '../context.ts';

/** An event of the chat, as the inbox keeps it. */
export type IncomingEvent = Pick<InboxEntry, 'key' | 'thread' | 'ts' | 'payload'>;

export type StoreEvent = (input: IncomingEvent) => Promise<'stored' | 'duplicate'>;

/**
 * Stores an event before it is acknowledged; resolves when it is on disk, rejects when it is not.
 * @param onStored called after a new event was stored: wakes the worker
 */
export function createEventStore(ctx: Pick<Context, 'db' | 'clock'>, onStored: () => void): StoreEvent {
  return createGroupCommit(64, async (inputs: IncomingEvent[]) => {
    const at = ctx.clock.now();
    // The same key twice in one statement is one row; the first of them made it.
    const first = new Map<string, IncomingEvent>();
    for (const input of inputs) if (!first.has(input.key)) first.set(input.key, input);
    const stored = await storeInbox(
      ctx.db,
      [...first.values()].map((input) => ({ ...input, at })),
    );
    if (stored.size > 0) onStored();
    return inputs.map((input) =>
      stored.has(input.key) && first.get(input.key) === input ? 'stored' : 'duplicate',
    );
  });
}
