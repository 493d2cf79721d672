export const outboxStates = ['pending', 'sending', 'sent', 'superseded', 'parked'] as const;
export type OutboxState = (typeof outboxStates)[number];
