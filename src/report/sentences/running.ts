import type { RunningCampaign } from '../../campaign/messages.ts';

export const stopHint =
  'Stopping ends the runs and keeps what was measured, with a report. `wrap up` in the thread of a campaign instead confirms the best first.';

/** The campaigns that can be stopped here, as plain text. */
export function runningText(campaigns: readonly RunningCampaign[]): string {
  const lines = campaigns.map(({ line, isActive }) => `• ${line}${isActive ? ' [Stop]' : ''}`);
  const active = campaigns.filter(({ isActive }) => isActive).length;
  return [...lines, ...(active > 1 ? ['[Stop all]'] : []), ...(active > 0 ? [stopHint] : [])].join('\n');
}
