import { isLoopback } from '../lib/loopback.ts';
import { badConfig, type Env } from './environment.ts';

/** The pages: where they listen, under which address people reach them, and who may see them. */
export interface WebConfig {
  host: string;
  port: number;
  /** Without a slash at its end; null: only browsers on this machine. */
  publicUrl: string | null;
  /** How long links last where pages need one; null: pages are reachable from this machine only and need none. */
  linkDays: number | null;
  metrics: 'local' | 'token' | 'open';
}

export function webOf(env: Env): WebConfig {
  const { TREX_HOST: host, TREX_PUBLIC_URL: publicUrl, TREX_LINK_SECRET: secret } = env;
  const reached = !isLoopback(host)
    ? `TREX_HOST is ${host}`
    : publicUrl !== undefined && !isLoopback(new URL(publicUrl).hostname)
      ? `TREX_PUBLIC_URL is ${publicUrl}`
      : null;
  if (reached !== null && secret === undefined) {
    throw badConfig([
      `TREX_LINK_SECRET is missing, and ${reached}: others reach the pages, which then need signed links. Set it to 32 or more random characters, for example those of \`openssl rand -hex 32\``,
    ]);
  }
  const token = env.TREX_METRICS_TOKEN;
  return {
    host,
    port: env.TREX_PORT,
    publicUrl: publicUrl?.replace(/\/$/, '') ?? null,
    linkDays: secret === undefined ? null : env.TREX_LINK_DAYS,
    metrics: token === undefined ? 'local' : token === 'open' ? 'open' : 'token',
  };
}
