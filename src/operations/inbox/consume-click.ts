import { storeInbox } from '../../store/inbox.ts';
import type { Context } from '../context.ts';

/**
 * Uses up a click before anything is done about it, so that one that is sent again does nothing.
 * @returns false when it was used up already
 */
export async function consumeClick({
  ctx,
  input,
}: {
  ctx: Pick<Context, 'db' | 'clock'>;
  input: { key: string };
}): Promise<boolean> {
  const { key } = input;
  const at = ctx.clock.now();
  const entry = { key, thread: key, ts: '', payload: '', at, state: 'done' as const };
  return (await storeInbox(ctx.db, [entry])).has(key);
}
