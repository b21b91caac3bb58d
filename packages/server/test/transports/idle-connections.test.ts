/** What a connection keeps alive while nothing happens: counted in a process of its own, so that load changes nothing. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';

interface Weight {
  readonly subscriptions: number;
  readonly heapBytes: number;
  readonly requests: number;
  readonly responses: number;
  readonly timers: number;
}

const COUNT = 1000;
const WARM = 100;
const WS =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';

/** Bytes of JavaScript heap; what the kernel and libuv hold beside it is theirs. */
const SSE_WIRE = { wire: 'sse', path: '/live/sse?channel=a:1', headers: '', mostBytes: 3000 };
const WS_WIRE = { wire: 'ws', path: '/live/ws', headers: WS, mostBytes: 5000 };
/** A server of the application's that ours is attached to, or one of ours, with a front. */
const WIRES = [
  { ...SSE_WIRE, server: 'attached' },
  { ...WS_WIRE, server: 'attached' },
  { ...SSE_WIRE, server: 'ours' },
  { ...WS_WIRE, server: 'ours' },
];

test.each(WIRES)(
  'an idle $wire connection of a server ($server) keeps no request, no response and no timer, and $mostBytes bytes at most',
  async (wire) => {
    await using server = await start(wire.server);
    const sockets: Socket[] = [];
    const grow = async (count: number): Promise<Weight> => {
      for (let n = 0; n < count; n += 1) sockets.push(open(server.port, wire));
      await Promise.all(sockets.map((socket) => (socket.bytesRead > 0 ? undefined : once(socket, 'data'))));
      return vi.waitUntil(
        async () => {
          const weight = await server.weigh();
          return weight.subscriptions === sockets.length && weight;
        },
        { timeout: 30_000, interval: 100 },
      );
    };
    const before = await grow(WARM);

    const after = await grow(COUNT);

    for (const socket of sockets) socket.destroy();
    expect({ requests: after.requests - before.requests, responses: after.responses - before.responses }).toEqual({
      requests: 0,
      responses: 0,
    });
    expect(after.timers).toBeLessThanOrEqual(before.timers);
    expect(Math.round((after.heapBytes - before.heapBytes) / COUNT)).toBeLessThanOrEqual(wire.mostBytes);
  },
);

function open(port: number, { path, headers }: { readonly path: string; readonly headers: string }): Socket {
  const socket = connect(port, '127.0.0.1');
  socket.on('error', () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n${headers}\r\n`);
  // A WebSocket that follows nothing is somebody's mistake, and ends.
  if (headers !== '') socket.once('data', () => socket.write(maskedText('{"type":"subscribe","channel":"a:1"}')));
  return socket.on('data', () => {});
}

/** Shorter than 126 bytes; a mask of zeros is a mask. */
function maskedText(text: string): Buffer {
  return Buffer.concat([Buffer.of(0x81, 0x80 | text.length, 0, 0, 0, 0), Buffer.from(text)]);
}

interface Server extends AsyncDisposable {
  readonly port: number;
  weigh(): Promise<Weight>;
}

async function start(kind: string): Promise<Server> {
  const child: ChildProcess = fork(fileURLToPath(new URL('./idle/server.mjs', import.meta.url)), [kind]);
  const [port]: unknown[] = await once(child, 'message');
  return {
    port: Number(port),
    weigh: async () => {
      child.send('weigh');
      const [weight] = await once(child, 'message');
      return weight;
    },
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
  };
}
