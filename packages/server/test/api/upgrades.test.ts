/** Whose upgrade is it: a WebSocket of ours, one of somebody else's, or a plain request that asks for more than it needs. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Duplex } from 'node:stream';
import { RawWebSocket } from '@fanfare/testkit';
import { describe, expect, it, vi } from 'vitest';
import { createLogger, startServer } from '../../src/http/index.ts';
import { createFanfare, log, memory, state } from '../../src/index.ts';

const WAIT = { timeout: 20_000, interval: 5 };
const KEY = 'key-of-the-backend';

function makeLive() {
  return createFanfare({
    engine: memory(),
    apiKey: KEY,
    channels: { 'log:{id}': log({ access: 'public' }), 'state:{id}': state({ access: 'public' }) },
  });
}

async function serve(
  wire: (parts: { server: ReturnType<typeof createServer>; live: ReturnType<typeof makeLive> }) => void,
) {
  const live = makeLive();
  const server = createServer((req, res) => {
    if (live.handles(req.url ?? '')) live.handler(req, res);
    else res.end(`served ${req.url} ${req.headers.upgrade ?? ''}${req.headers['http2-settings'] ?? ''}`.trim());
  });
  wire({ server, live });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  return {
    ...{ live, server, port },
    async [Symbol.asyncDispose]() {
      await live.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A request as the HTTP client of Java writes its first: HTTP/2 would be welcome. */
async function askForMore(
  port: number,
  path: string,
  body = '',
): Promise<{ readonly status: number; readonly text: string }> {
  const asking = request({
    port,
    path,
    host: '127.0.0.1',
    method: body === '' ? 'GET' : 'POST',
    headers: {
      Connection: 'Upgrade, HTTP2-Settings',
      Upgrade: 'h2c',
      'HTTP2-Settings': 'AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA',
      'Content-Type': 'application/json',
      'X-API-Key': KEY,
      'Content-Length': Buffer.byteLength(body),
    },
  });
  asking.end(body);
  const [response]: IncomingMessage[] = await once(asking, 'response');
  let text = '';
  for await (const chunk of response ?? []) text += chunk;
  return { status: response?.statusCode ?? 0, text };
}

const PUBLISH = JSON.stringify({ channel: 'log:a', event: 'e', data: 'x'.repeat(60_000) });

describe('an attached server', () => {
  it('takes WebSockets for our path, and leaves others to who listens for them', async () => {
    const foreign: string[] = [];
    await using running = await serve(({ server, live }) => {
      server.on('upgrade', (req: IncomingMessage, socket: Duplex) => {
        if (!String(req.url).startsWith('/theirs')) return;
        foreign.push(req.url ?? '');
        socket.end('HTTP/1.1 418 Teapot\r\n\r\n');
      });
      live.attach(server);
    });

    using ours = new RawWebSocket({ port: running.port });
    using theirs = new RawWebSocket({ port: running.port, path: '/theirs' });
    await ours.until((frame) => frame.type === 'connected');
    await theirs.untilClosed();

    expect([theirs.status, foreign]).toEqual([418, ['/theirs']]);
  });

  it('may have listeners that come later, and a second Fanfare, which is the one that serves', async () => {
    const second = makeLive();
    const late: (string | undefined)[] = [];
    await using running = await serve(({ server, live }) => {
      live.attach(server);
      second.attach(server);
      server.on('upgrade', (req: IncomingMessage, socket: Duplex) => {
        late.push(req.url);
        if (req.url === '/theirs') socket.end('HTTP/1.1 418 Teapot\r\n\r\n');
      });
    });

    using ours = new RawWebSocket({ port: running.port });
    using theirs = new RawWebSocket({ port: running.port, path: '/theirs' });
    await ours.until((frame) => frame.type === 'connected');
    await theirs.untilClosed();

    expect([running.live.stats().connections, second.stats().connections]).toEqual([0, 1]);
    expect(theirs.status).toBe(418);
    expect(late.toSorted()).toEqual(['/live/ws', '/theirs']);
    await second.close();
  });

  it('serves what nobody takes as the plain request that it is', async () => {
    await using running = await serve(({ server, live }) => live.attach(server));
    using socket = new RawWebSocket({ port: running.port, path: '/theirs' });
    await vi.waitUntil(() => socket.body !== '', WAIT);

    expect([socket.status, socket.body]).toEqual([200, 'served /theirs']);
    expect(await askForMore(running.port, '/page')).toEqual({ status: 200, text: 'served /page' });
  });

  it('serves the first publish of a Java client, which asks for HTTP/2, with its whole body', async () => {
    await using running = await serve(({ server, live }) => live.attach(server));

    const { status, text } = await askForMore(running.port, '/live/api/publish', PUBLISH);

    expect([status, JSON.parse(text)]).toMatchObject([200, { duplicate: false }]);
  });

  it('serves the path of WebSockets in plain HTTP where it is asked for in something else', async () => {
    await using running = await serve(({ server, live }) => live.attach(server));

    const { status, text } = await askForMore(running.port, '/live/ws');

    expect([status, JSON.parse(text)]).toMatchObject([426, { error: { code: 'UPGRADE_REQUIRED' } }]);
  });
});

describe('upgrade()', () => {
  it('takes what is ours from a server that is not attached, and says so', async () => {
    const taken: boolean[] = [];
    await using running = await serve(({ server, live: { upgrade } }) => {
      server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
        const isOurs = upgrade(req, socket, head);
        taken.push(isOurs);
        if (!isOurs) socket.destroy();
      });
    });

    using ours = new RawWebSocket({ port: running.port });
    await ours.until((frame) => frame.type === 'connected');
    using theirs = new RawWebSocket({ port: running.port, path: '/theirs' });
    await theirs.untilClosed();

    expect(taken).toEqual([true, false]);
    expect(theirs.head).toBe('');
  });

  it('works on a stream that is no socket, as of TLS, with the bytes that came along', async () => {
    await using running = await serve(({ server, live }) => {
      server.on('upgrade', (req: IncomingMessage, socket: Duplex, head: Buffer) => {
        const stream = new Duplex({
          read() {},
          write: (chunk, encoding, done) => void socket.write(chunk, encoding, done),
          final: (done) => void socket.end(done),
          destroy: (error, done) => {
            socket.destroy();
            done(error);
          },
        });
        socket.on('data', (chunk) => stream.push(chunk));
        socket.on('end', () => stream.push(null));
        socket.on('close', () => stream.destroy());
        live.upgrade(req, stream, head);
      });
    });
    using client = new RawWebSocket({ port: running.port });
    client.send({ type: 'subscribe', channel: 'state:a' });
    await client.until((frame) => frame.type === 'subscribed');

    // More than the kernel takes: what is left over leaves when the stream says that it has drained.
    const big = 'é'.repeat(30_000);
    client.socket.pause();
    for (let n = 0; n < 400; n += 1) {
      await running.live.channel('state:a').set({ n, big });
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(running.live.stats().conflated).toBeGreaterThan(0);
    client.socket.resume();
    await client.until((frame) => frame.type === 'event' && Object(frame.data).n === 399);
    running.live.disconnect(() => true, 'ended');
    await client.untilClosed();

    expect(client.closedWith?.code).toBe(3509);
  });
});

describe('startServer', () => {
  it('serves WebSockets and plain requests that ask for more, and ends its sockets when it closes', async () => {
    const live = makeLive();
    const lines: { readonly msg: string }[] = [];
    const destination = { write: (line: string) => void lines.push(JSON.parse(line)) };
    const logger = await createLogger({ level: 'info', destination });
    const config = { port: 0, host: '127.0.0.1', trustProxy: 0, logRequests: true };
    const running = await startServer({ config, live, logger });
    using client = new RawWebSocket({ port: running.port, path: '/live/ws?token=secret' });
    await client.until((frame) => frame.type === 'connected');

    expect((await askForMore(running.port, '/live/api/publish', PUBLISH)).status).toBe(200);
    expect((await askForMore(running.port, '/healthz')).status).toBe(200);
    expect((await askForMore(running.port, '/nowhere')).status).toBe(404);
    using theirs = new RawWebSocket({ port: running.port, path: '/nowhere' });
    await vi.waitUntil(() => theirs.body !== '', WAIT);
    expect(theirs.status).toBe(404);
    theirs.socket.destroy();
    await running.close();

    expect(client.closedWith?.code).toBe(3000);
    expect(client.frames.at(-1)).toMatchObject({ type: 'close', code: 3000, reconnect: true });
    const [upgraded] = lines.filter(({ msg }) => msg === 'upgrade');
    expect(upgraded).toMatchObject({ method: 'GET', upgrade: 'websocket', address: '127.0.0.1' });
    expect(JSON.stringify(lines)).not.toContain('secret');
  });
});

describe('a message', () => {
  it('is written below the stream of a plain socket, the first together with the answer to the upgrade', async () => {
    const written = { stream: 0, handle: 0 };
    const counted = <F extends (...args: never[]) => unknown>(write: F, where: keyof typeof written): F =>
      new Proxy(write, {
        apply: (target, self, values) => {
          written[where] += 1;
          return Reflect.apply(target, self, values);
        },
      });
    await using running = await serve(({ server, live }) => {
      live.attach(server);
      server.on('connection', (socket) => {
        const handle: unknown = Reflect.get(socket, '_handle');
        if (typeof handle !== 'object' || handle === null) throw new Error('A socket has no handle any more.');
        socket.write = counted(socket.write, 'stream');
        Reflect.set(handle, 'writeBuffer', counted(Reflect.get(handle, 'writeBuffer'), 'handle'));
      });
    });
    using client = new RawWebSocket({ port: running.port });
    await client.until((frame) => frame.type === 'connected');
    const greeted = { ...written };
    client.send({ type: 'subscribe', channel: 'log:a' });
    await client.until((frame) => frame.type === 'subscribed');
    const subscribed = { ...written };
    for (let n = 0; n < 10; n += 1) {
      await running.live.channel('log:a').publish('e', n);
      await vi.waitUntil(() => client.frames.filter(({ type }) => type === 'event').length === n + 1, WAIT);
    }

    expect(greeted).toEqual({ stream: 0, handle: 1 });
    expect(subscribed).toEqual({ stream: 0, handle: 2 });
    expect(written).toEqual({ stream: 0, handle: 12 });
    await askForMore(running.port, '/healthz');
    expect(written.stream).toBeGreaterThan(0);
  });
});
