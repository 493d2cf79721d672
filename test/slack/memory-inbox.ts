import type { OnEvent } from '../../src/slack/receivers/intake.ts';

/** Keeps events by key as the inbox does, without a database, and hands each on once. */
export function createMemoryInbox(handle: (payload: string) => Promise<void>): OnEvent {
  const keys = new Set<string>();
  return async ({ key, payload }) => {
    if (keys.has(key)) return 'duplicate';
    keys.add(key);
    setImmediate(() => void handle(payload));
    return 'stored';
  };
}
