import { storeInbox } from '../../store/inbox.ts';
import type { Context } from '../context.ts';

/**
 * Records a click before anything is done about it, so that a repeated delivery does nothing.
 * @returns false when it was recorded already
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
