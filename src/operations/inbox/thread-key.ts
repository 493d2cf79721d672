/** Names a thread in the inbox. */
export const threadKey = (thread: { teamId: string; channel: string; threadTs: string }): string =>
  `${thread.teamId}:${thread.channel}:${thread.threadTs}`;
