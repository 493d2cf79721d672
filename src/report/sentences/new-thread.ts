import type { CampaignView } from '../../campaign/view.ts';
import { bold } from '../format.ts';
import { statusText } from './status.ts';

/** The first message of the thread that a campaign moves to: why it is here, and the state of the campaign. */
export function newThreadText(view: CampaignView): string {
  const moved = `${bold(view.title)} goes on in this thread. The one it had is gone: the chat no longer knows it. The campaign itself lost nothing, and everything said to me here counts. What is still open follows below.`;
  return view.startedAt === null ? moved : `${moved}\n${statusText(view)}`;
}
