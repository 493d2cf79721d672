import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface SlackCall {
  method: string;
  body: Record<string, string>;
}

/** Slack's Web API on loopback: keeps what is posted, says yes to the rest, and fails as it is told. */
export interface SlackDouble {
  url: string;
  calls: SlackCall[];
  /** What `chat.postMessage` has made; `conversations.replies` and `.history` list it. */
  messages: {
    ts: string;
    channel: string;
    text: string;
    threadTs?: string;
    metadata?: unknown;
    files?: { id: string; title: string }[];
  }[];
  /** What was uploaded, by file id. */
  uploads: Map<string, Buffer>;
  /** Called first for every call; true when it has answered, or never will. */
  fault: ((call: SlackCall, res: ServerResponse, req: IncomingMessage) => boolean) | null;
  called(method: string): SlackCall[];
  stop(): Promise<void>;
}

export async function startSlackDouble(): Promise<SlackDouble> {
  let sequence = 0;
  const double: SlackDouble = {
    url: '',
    calls: [],
    messages: [],
    uploads: new Map(),
    fault: null,
    called: (method) => double.calls.filter((call) => call.method === method),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const answers: Record<string, (body: Record<string, string>) => object> = {
    'auth.test': () => ({ user_id: 'U0BOT', bot_id: 'B0BOT', team_id: 'T1', team: 'Lab' }),
    'users.info': ({ user }) => ({ user: { id: user, name: user, tz: 'Europe/Berlin' } }),
    'chat.postMessage': ({ channel = '', text = '', metadata }) => {
      const ts = `${Math.floor(Date.now() / 1000)}.${String(++sequence).padStart(6, '0')}`;
      double.messages.push({
        ts,
        channel,
        text,
        ...(metadata === undefined ? {} : { metadata: JSON.parse(metadata) as unknown }),
      });
      return { ts, channel };
    },
    'files.getUploadURLExternal': () => {
      const id = `F${String(++sequence).padStart(4, '0')}`;
      return { file_id: id, upload_url: `${double.url.replace('/api/', '/upload/')}${id}` };
    },
    'files.completeUploadExternal': ({
      channel_id: channel = '',
      thread_ts,
      initial_comment,
      files = '[]',
    }) => {
      const ts = `${Math.floor(Date.now() / 1000)}.${String(++sequence).padStart(6, '0')}`;
      const shown = JSON.parse(files) as { id: string; title: string }[];
      if (channel !== '')
        double.messages.push({
          ts,
          channel,
          text: initial_comment ?? '',
          ...(thread_ts === undefined ? {} : { threadTs: thread_ts }),
          files: shown,
        });
      return { files: shown };
    },
    'files.info': ({ file: id }) => ({ file: { id, mimetype: 'image/png' } }),
    'conversations.replies': () => ({ messages: double.messages }),
    'conversations.history': () => ({ messages: double.messages }),
  };
  const server = createServer((req, res) => {
    const chunks: Buffer[] = [];
    req.on('data', (chunk: Buffer) => chunks.push(chunk));
    req.on('end', () => {
      const body = Buffer.concat(chunks);
      const [, uploaded] = /^\/upload\/(\w+)$/.exec(req.url ?? '') ?? [];
      const raw = uploaded === undefined ? body.toString() : '';
      const call = {
        method: (req.url ?? '').replace('/api/', ''),
        body: Object.fromEntries(new URLSearchParams(raw)),
      };
      double.calls.push(call);
      if (double.fault?.(call, res, req)) return;
      if (uploaded !== undefined) double.uploads.set(uploaded, body);
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify({ ok: true, ...answers[call.method]?.(call.body) }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  double.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`;
  return double;
}
