import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Clock } from '../../../lib/clock.ts';

export type Handler = (request: IncomingMessage, response: ServerResponse) => void;

export interface LocalServer {
  origin: string;
  /** Path and query of every request, oldest first. */
  seen: { url: string; headers: IncomingMessage['headers'] }[];
  close(): Promise<void>;
}

/** A server on 127.0.0.1 that answers as `handle` says. */
export async function startServer(handle: Handler): Promise<LocalServer> {
  const seen: LocalServer['seen'] = [];
  const server = createServer((request, response) => {
    seen.push({ url: request.url ?? '', headers: request.headers });
    handle(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Answers the queue in order, the last one again and again. */
export function inTurn(...handlers: Handler[]): Handler {
  let next = 0;
  return (request, response) => {
    const handler = handlers[Math.min(next++, handlers.length - 1)] as Handler;
    handler(request, response);
  };
}

export const answer =
  (status: number, body: string, headers: Record<string, string> = {}): Handler =>
  (_, response) => {
    response.writeHead(status, headers).end(body);
  };

export interface SkippingClock extends Clock {
  /** Every wait that was asked for, milliseconds. */
  waits: number[];
}

/** A clock on which every wait is over at once, and counts. */
export function createSkippingClock(): SkippingClock {
  let now = Date.parse('2026-11-22T12:00:00Z');
  const waits: number[] = [];
  return {
    waits,
    now: () => new Date(now),
    sleep: async (ms) => {
      waits.push(ms);
      now += ms;
    },
  };
}
