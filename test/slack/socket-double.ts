import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

/** Slack's Socket Mode on loopback, as little of it as it takes to lose a connection. */
export interface SocketDouble {
  apiUrl: string;
  /** Connections that were opened, in all. */
  connections: number;
  /** Envelope ids that were acknowledged. */
  acks: string[];
  /** While true, `apps.connections.open` fails below HTTP. */
  refuse: boolean;
  /** Sends an event into the newest connection. */
  sendEvent(envelopeId: string, body: object): void;
  /** Asks for a fresh connection as Slack does: a message, and no close of its own. */
  askForRefresh(): void;
  /** Breaks the connection without a word. */
  drop(): void;
  stop(): Promise<void>;
}

export async function startSocketDouble(): Promise<SocketDouble> {
  const sockets: Duplex[] = [];
  const send = (message: object): void => {
    sockets.at(-1)?.write(frame(1, Buffer.from(JSON.stringify(message))));
  };
  const server = createServer((req, res) => {
    req.resume();
    if (double.refuse) {
      req.destroy();
      return;
    }
    const port = (server.address() as AddressInfo).port;
    res.setHeader('content-type', 'application/json');
    res.end(
      JSON.stringify({
        ok: true,
        url: `ws://127.0.0.1:${port}/link`,
        user_id: 'U0BOT',
        bot_id: 'B0BOT',
        team_id: 'T1',
        team: 'Lab',
      }),
    );
  });
  server.on('upgrade', (req, socket) => {
    const accept = createHash('sha1')
      .update(`${req.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    socket.write(
      `HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: Upgrade\r\nsec-websocket-accept: ${accept}\r\n\r\n`,
    );
    socket.on('error', () => {});
    sockets.push(socket);
    double.connections++;
    readFrames(socket, (opcode, payload) => {
      if (opcode === 9) socket.write(frame(10, payload));
      if (opcode !== 1) return;
      const { envelope_id } = JSON.parse(payload.toString()) as { envelope_id?: string };
      if (envelope_id !== undefined) double.acks.push(envelope_id);
    });
    send({ type: 'hello', num_connections: 1 });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const double: SocketDouble = {
    apiUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/api/`,
    connections: 0,
    acks: [],
    refuse: false,
    sendEvent: (envelopeId, body) =>
      send({ type: 'events_api', envelope_id: envelopeId, payload: body, accepts_response_payload: false }),
    askForRefresh: () => send({ type: 'disconnect', reason: 'refresh_requested' }),
    drop: () => sockets.at(-1)?.destroy(),
    stop: async () => {
      for (const socket of sockets) socket.destroy();
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return double;
}

/** RFC 6455, one unmasked frame; payloads below 64 KiB. */
function frame(opcode: number, payload: Buffer): Buffer {
  const head =
    payload.length < 126
      ? Buffer.from([0x80 | opcode, payload.length])
      : Buffer.from([0x80 | opcode, 126, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([head, payload]);
}

/** Unmasks the frames of a client; payloads below 64 KiB. */
function readFrames(socket: Duplex, onFrame: (opcode: number, payload: Buffer) => void): void {
  let buffer = Buffer.alloc(0);
  socket.on('data', (chunk: Buffer) => {
    buffer = Buffer.concat([buffer, chunk]);
    for (;;) {
      if (buffer.length < 6) return;
      const short = (buffer[1] ?? 0) & 127;
      const headBytes = short === 126 ? 4 : 2;
      const length = short === 126 ? buffer.readUInt16BE(2) : short;
      const end = headBytes + 4 + length;
      if (buffer.length < end) return;
      const mask = buffer.subarray(headBytes, headBytes + 4);
      const payload = Buffer.from(
        buffer.subarray(headBytes + 4, end).map((byte, i) => byte ^ (mask[i % 4] ?? 0)),
      );
      const opcode = (buffer[0] ?? 0) & 15;
      buffer = Buffer.from(buffer.subarray(end));
      onFrame(opcode, payload);
    }
  });
}
