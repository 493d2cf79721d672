import type { Content } from '../../campaign/messages.ts';
import { stopHint } from '../../report/sentences/running.ts';
import type { Block } from '../limits.ts';
import { md } from '../mrkdwn.ts';
import { actionId, actions, button, fineprint, section } from './elements.ts';

/** Active campaigns: a Stop button beside each, and one for all of them. */
export function runningBlocks({ list, campaigns }: Extract<Content, { kind: 'running' }>): Block[] {
  const value = campaigns.map(({ campaignId }) => campaignId).join(',');
  const active = campaigns.filter(({ isActive }) => isActive);
  const lines = campaigns.map(({ campaignId, line, isActive }) => ({
    ...section(md`${line}`),
    ...(isActive
      ? { accessory: button('Stop', actionId('stop', campaignId, list), { value, style: 'danger' }) }
      : {}),
  }));
  return [
    ...lines,
    ...(active.length > 1
      ? [actions(button('Stop all', actionId('stop_all', list), { value, style: 'danger' }))]
      : []),
    ...(active.length > 0 ? [fineprint(md`${stopHint}`)] : []),
  ];
}
