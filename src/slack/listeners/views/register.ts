import type { App, ViewSubmitAction } from '@slack/bolt';
import { editCallbackId } from '../../views/edit-modal.ts';
import type { ListenerContext } from '../answer.ts';
import { onEditSubmitted } from './edit.ts';

export function registerViews(app: App, context: ListenerContext): void {
  app.view<ViewSubmitAction>(
    { type: 'view_submission', callback_id: editCallbackId },
    ({ ack, view, body, client }) => onEditSubmitted(context, { ack, view, user: body.user.id, client }),
  );
}
