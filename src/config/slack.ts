import { badConfig, type Env } from './environment.ts';

export type SlackConfig =
  | { kind: 'local'; binary: string | null; port: number }
  | { kind: 'http'; host: string; port: number; apiUrl: string | null }
  | { kind: 'socket'; apiUrl: string | null };

export function slackOf(env: Env): SlackConfig {
  const { SLACK_BOT_TOKEN: botToken, SLACK_SIGNING_SECRET: signingSecret, SLACK_APP_TOKEN: appToken } = env;
  const apiUrl = env.SLACK_API_URL ?? null;
  if (botToken === undefined) {
    const orphan =
      appToken !== undefined
        ? 'SLACK_APP_TOKEN'
        : signingSecret !== undefined
          ? 'SLACK_SIGNING_SECRET'
          : null;
    if (orphan !== null) {
      throw badConfig([
        `SLACK_BOT_TOKEN is missing, and ${orphan} is set. Set both for real Slack, or none for the local workspace`,
      ]);
    }
    return { kind: 'local', binary: env.LOCAL_SLACK ?? null, port: env.LOCAL_SLACK_PORT };
  }
  if (!botToken.startsWith('xoxb-'))
    throw badConfig(['SLACK_BOT_TOKEN must be a bot token (it starts with xoxb-)']);
  if (appToken !== undefined) {
    if (!appToken.startsWith('xapp-'))
      throw badConfig(['SLACK_APP_TOKEN must be an app-level token (it starts with xapp-)']);
    return { kind: 'socket', apiUrl };
  }
  if (signingSecret === undefined) {
    throw badConfig([
      'SLACK_SIGNING_SECRET is missing. Set it for signed HTTP (the usual way), or SLACK_APP_TOKEN for Socket Mode behind a firewall',
    ]);
  }
  return { kind: 'http', host: env.SLACK_HOST, port: env.SLACK_PORT, apiUrl };
}
