import type { Repair } from '../operations/chat.ts';

/** The consequence of a refusal by Slack for the message in question. */
export type Refusal =
  /** Slack cannot show this message, now or ever. */
  | { kind: 'message' }
  /** The message to be edited cannot be edited any more; it is posted anew. */
  | { kind: 'gone' }
  /** A person has to correct something; until then the message waits. */
  | { kind: 'repair'; repair: Repair }
  /** The failure is temporary. `uncertain`: Slack may have carried out the call all the same. */
  | { kind: 'passing'; uncertain: boolean };

/** Refusals of a message's content (docs.slack.dev, chat.postMessage and chat.update). */
const aboutTheMessage = new Set(
  `invalid_blocks invalid_blocks_format msg_blocks_too_long msg_too_long no_text too_many_attachments
  attachment_payload_limit_exceeded markdown_text_conflict metadata_too_large metadata_must_be_sent_from_app
  invalid_metadata_format invalid_metadata_schema invalid_arguments invalid_arg_name invalid_array_arg invalid_charset
  invalid_form_data invalid_post_type missing_post_type too_many_contact_cards cannot_reply_to_message`.split(
    /\s+/,
  ),
);

const cannotBeEdited = new Set([
  'message_not_found',
  'thread_not_found',
  'cant_update_message',
  'edit_window_closed',
]);

/** Slack may have carried out the call all the same (docs.slack.dev, `fatal_error`). */
const uncertain = new Set(['fatal_error', 'internal_error', 'request_timeout']);

const inChannel: Record<string, string> = {
  not_in_channel: 'I am not in that channel any more. Invite me there (`/invite` and my name).',
  channel_not_found:
    'I cannot see that channel: it is private and I am not in it, or it is gone. Invite me there (`/invite` and my name).',
  is_archived: 'That channel is archived. Unarchive it.',
  restricted_action:
    'A setting of the workspace lets only some people post in that channel. Let me post there.',
  restricted_action_read_only_channel: 'That channel is read-only. Let me post there.',
  restricted_action_thread_locked: 'That thread is locked. Unlock it.',
  restricted_action_thread_only_channel: 'That channel takes replies only. Let me post there.',
  restricted_action_non_threadable_channel: 'That channel takes no threads. Allow threads there.',
  posting_to_general_channel_denied:
    'A setting of the workspace keeps me from posting in that channel. Let me post there.',
  user_is_restricted: 'My account may not post in that channel. Let me post there.',
  messages_tab_disabled:
    'Direct messages to me are switched off in the settings of the app. Switch on its messages tab.',
  not_in_dm: 'I cannot open a direct conversation there.',
};

const tokenText =
  'Slack no longer accepts my token. Install the app again, set `SLACK_BOT_TOKEN` to its new token, and restart me.';
const inWorkspace: Record<string, string> = {
  invalid_auth: tokenText,
  not_authed: tokenText,
  token_expired: tokenText,
  token_revoked: tokenText,
  account_inactive: tokenText,
  missing_scope: 'My app lacks a permission. Install it again with the scopes of `src/slack/manifest.json`.',
  no_permission: 'My app lacks a permission. Install it again with the scopes of `src/slack/manifest.json`.',
  not_allowed_token_type:
    'My token is of the wrong kind. Set `SLACK_BOT_TOKEN` to the bot token (`xoxb-`), and restart me.',
  access_denied: 'An admin of the workspace does not let my app in. Approve it there.',
  app_missing_action_url:
    'My app has no address for buttons. Install it again from `src/slack/manifest.json`.',
  ekm_access_denied:
    'The keys of the workspace are withdrawn, so that nobody can post. An admin has to give them back.',
  org_login_required: 'The workspace is being moved into an organisation. An admin has to finish that.',
  team_access_not_granted: 'My app may not enter that workspace. An admin has to grant it access.',
  two_factor_setup_required: 'My account has to set up two-factor authentication.',
};

const lookUp = (table: Record<string, string>, code: string): string | undefined =>
  Object.hasOwn(table, code) ? table[code] : undefined;

/** The meaning of Slack's code for a failed call. An unknown code counts as temporary: final ones are listed. */
export function readRefusal(code: string): Refusal {
  if (cannotBeEdited.has(code)) return { kind: 'gone' };
  if (aboutTheMessage.has(code)) return { kind: 'message' };
  const channel = lookUp(inChannel, code);
  if (channel !== undefined) return { kind: 'repair', repair: { scope: 'channel', sentence: channel } };
  const workspace = lookUp(inWorkspace, code);
  if (workspace !== undefined) return { kind: 'repair', repair: { scope: 'workspace', sentence: workspace } };
  return { kind: 'passing', uncertain: uncertain.has(code) };
}
