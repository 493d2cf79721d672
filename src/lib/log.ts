import { type Logger, pino } from 'pino';

export type Log = Pick<Logger, 'debug' | 'info' | 'warn' | 'error' | 'child'>;

const secretPaths = [
  '*.token',
  '*.signingSecret',
  '*.botToken',
  '*.appToken',
  '*.apiKey',
  '*.authorization',
  '*.headers.authorization',
];

/** JSON lines on stderr (stdout belongs to commands that print results). Secrets are removed by path. */
export function createLog(level: string): Log {
  return pino(
    { level, base: null, redact: { paths: secretPaths, censor: '[secret]' } },
    pino.destination({ fd: 2, sync: false }),
  );
}

export const silentLog: Log = pino({ level: 'silent' });
