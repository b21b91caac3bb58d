/** What is served before `node:http`, and that nobody can tell, but by what it costs. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { connect, Socket } from 'node:net';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { readSimpleHead } from '../../src/http/front/simple-head.ts';
import { createFanfare, memory } from '../../src/index.ts';
import { listen, rawConnection } from './http-fixture.ts';
import { startLive } from './live-fixture.ts';

const SSE = 'GET /live/sse?channel=public:a HTTP/1.1\r\nHost: x\r\n\r\n';
const WS =
  'GET /live/ws HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n';

/** A busy machine takes its time. */
const WAIT = { timeout: 20_000, interval: 10 };

const read = (text: string) => readSimpleHead(Buffer.from(text, 'latin1'), new Socket(), 16_384);

describe('a simple head', () => {
  it('is what clients and proxies send', () => {
    const head = read(SSE.replace('\r\n\r\n', '\r\nAccept: */*, text/event-stream;q=0.9\r\nConnection: Close\r\n\r\n'));

    expect(head?.url).toBe('/live/sse?channel=public:a');
    expect(head?.headers).toEqual({
      host: 'x',
      accept: '*/*, text/event-stream;q=0.9',
      connection: 'Close',
    });
    expect(read(WS)?.headers['sec-websocket-version']).toBe('13');
  });

  const with_ = (line: string): string => SSE.replace('\r\n\r\n', `\r\n${line}\r\n\r\n`);
  it.each([
    ['another method', SSE.replace('GET', 'POST')],
    ['another version', SSE.replace('1.1', '1.0')],
    ['another path', SSE.replace('/live/sse', '/live/poll')],
    ['a path that only begins so', SSE.replace('/live/sse', '/live/sse/x')],
    ['an absolute target', SSE.replace('/live', 'http://x/live')],
    ['a fragment', SSE.replace(':a', ':a#b')],
    ['two spaces', SSE.replace('GET ', 'GET  ')],
    ['no host', SSE.replace('Host: x\r\n', 'Accept: x\r\n')],
    ['two hosts', with_('host: y')],
    ['a header twice', with_('X-A: 1\r\nx-a: 1')],
    ['a body by length', with_('Content-Length: 0')],
    ['a body in chunks', with_('Transfer-Encoding: chunked')],
    ['a trailer', with_('Trailer: X-A')],
    ['an expectation', with_('Expect: 100-continue')],
    ['another protocol', with_('Connection: Upgrade\r\nUpgrade: h2c')],
    ['a header of this hop', with_('Connection: keep-alive, X-A')],
    ['a folded line', with_('X-A: 1\r\n 2')],
    ['a space before the colon', with_('X-A : 1')],
    ['no value', with_('X-A:')],
    ['a space around a value', with_('X-A: 1 ')],
    ['a tab', with_('X-A: 1\t2')],
    ['a byte of no text', with_('X-A: \x001')],
    ['a byte beyond ASCII', with_('X-A: \xe9')],
    ['a bare CR', with_('X-A: 1\r2')],
    ['a bare LF', with_('X-A: 1\n2')],
    ['line ends of LF', SSE.replaceAll('\r\n', '\n')],
    ['half of it', SSE.slice(0, -2)],
    ['something behind it', `${SSE}x`],
    ['a request behind it', SSE + SSE],
    ['something before it', `\r\n${SSE}`],
    ['a name of the language', with_('constructor: x')],
    ['more than a head may have', with_(`X-A: ${'a'.repeat(16_384)}`)],
    ['a stream that would upgrade', WS.replace('/live/ws', '/live/sse')],
    ['a WebSocket that would not', WS.replace('Upgrade: websocket\r\n', '')],
  ])('is not %s', (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  it('says what the parser of node:http says, whatever is changed in it', { timeout: 60_000 }, async () => {
    await using parser = await parsing();
    const change = fc.record({
      at: fc.nat(SSE.length + WS.length),
      cut: fc.nat(3),
      put: fc.constantFrom<string[]>(
        '',
        '\r\n',
        '\n',
        '\r',
        ' ',
        ': ',
        ':',
        'X-A: 1',
        '\t',
        '\x00',
        '\xe9',
        'a',
        '#',
        '?',
        ',',
      ),
    });
    let accepted = 0;

    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom<string[]>(SSE, WS),
        fc.array(change, { maxLength: 3 }),
        async (base, changes) => {
          const text = changes.reduce(
            (all, { at, cut, put }) => all.slice(0, at % all.length) + put + all.slice((at % all.length) + cut),
            base,
          );
          const ours = read(text);
          if (ours === undefined) return;
          accepted += 1;
          expect(await parser.read(text)).toEqual({ url: ours.url, headers: ours.headers });
        },
      ),
      { numRuns: 1000 },
    );

    expect(accepted).toBeGreaterThan(30);
  });
});

describe('the front of a server', () => {
  it('serves a stream without a request, and in one write, where nobody has to be asked', async () => {
    await using server = await startLive();
    let requests = 0;
    server.running.server.on('request', () => {
      requests += 1;
    });
    const first = rawConnection(server.port, SSE);
    await vi.waitUntil(() => first.text().includes('event: subscribed'), WAIT);
    const writes = countWrites(server.running.server);

    const second = rawConnection(server.port, SSE);
    await vi.waitUntil(() => second.text().includes('event: subscribed'), WAIT);

    expect(requests).toBe(0);
    expect(writes()).toBe(1);
    for (const { socket } of [first, second]) socket.destroy();
  });

  it('has a subscriber of what is in memory standing before it comes back', async () => {
    const live = createFanfare({ engine: memory(), channels: {} });
    await using server = await listen(() => {});
    const ask = async (): Promise<void> => {
      const accepted = once(server.server, 'connection');
      connect(server.port, '127.0.0.1').on('error', () => {});
      const [socket] = await accepted;
      if (socket instanceof Socket) {
        live.serveBare({ method: 'GET', url: '/live/sse?channel=public:a', headers: { host: 'x' }, socket });
      }
    };
    await ask();
    await vi.waitUntil(() => live.stats().subscriptions === 1, WAIT);
    const standing: number[] = [];
    server.server.prependListener('connection', () => standing.push(live.stats().subscriptions));

    await ask();

    standing.push(live.stats().subscriptions);
    expect(standing).toEqual([1, 2]);
    await live.close();
  });

  it.each([
    ['a stream', SSE],
    ['an unknown channel', SSE.replace('public:a', 'nothing:a')],
    ['no channel', SSE.replace('?channel=public:a', '')],
    ['a channel that is none', SSE.replace('public:a', 'public:%00')],
    ['a ticket that is none', SSE.replace('public:a', 'public:a&ticket=x')],
    ['a page of a listed origin', SSE.replace('Host', 'Origin: https://app.example\r\nHost')],
    ['a page of another origin', SSE.replace('Host', 'Origin: https://evil.example\r\nHost')],
    ['a name that is not ours', SSE.replace('Host: x', 'Host: evil.example')],
    ['a forged request', SSE.replace('Host', 'Cookie: a=b\r\nSec-Fetch-Site: cross-site\r\nHost')],
    ['a reader of Vietnamese', SSE.replace('public:a', 'nothing:a').replace('Host', 'Accept-Language: vi\r\nHost')],
  ])('answers %s as node:http would', async (_, text) => {
    const live = createFanfare({ engine: memory(), channels: {}, allowedOrigins: ['https://app.example'] });
    await using server = await startLive({ start: { live } });
    const answered = async (asked: string): Promise<string> => {
      const connection = rawConnection(server.port, asked);
      await vi.waitUntil(() => /event: subscribed\n.*\n.*\n\n|"error"/.test(connection.text()), WAIT);
      connection.socket.destroy();
      return comparable(connection.text());
    };

    const bare = await answered(text);
    // A header that means nothing here, and is not of the plainest.
    const parsed = await answered(text.replace('Host', 'TE: trailers\r\nHost'));

    expect(bare).toBe(parsed);
  });

  it('hands on who says nothing, to be told so in time', async () => {
    const config = {
      ...{ port: 0, host: '127.0.0.1', trustProxy: 0, logRequests: false },
      limits: { headersTimeoutMs: 300 },
    };
    await using server = await startLive({ start: { config } });
    const startedAt = performance.now();

    const answer = await rawConnection(server.port, '').ended;

    expect(answer).toContain('REQUEST_TIMEOUT');
    expect(performance.now() - startedAt).toBeLessThan(5000);
    expect(server.live.stats().limitHits['headersTimeoutMs']).toBe(1);
  });

  it('is not there where every request is logged', async () => {
    await using server = await startLive({ logRequests: true });
    let requests = 0;
    server.running.server.on('request', () => {
      requests += 1;
    });

    const connection = rawConnection(server.port, SSE);
    await vi.waitUntil(() => connection.text().includes('event: subscribed'), WAIT);

    connection.socket.destroy();
    expect(requests).toBe(1);
  });
});

/**
 * What differs between two answers to the same request is no difference: order and case of the head, what is drawn anew, and that a
 * refusal which came past `node:http` is the last answer on its connection.
 */
function comparable(answer: string): string {
  const [head = '', body] = answer
    .replace(/^Date: .*$/m, 'Date: now')
    .replace(/^(Connection: |Keep-Alive: ).*\r\n/gim, '')
    .replace(/retry: \d+/, 'retry: some')
    .replace(/"connection":"[^"]+"/, '"connection":"id"')
    .split('\r\n\r\n');
  return [...head.toLowerCase().split('\r\n').sort(), body].join('\n');
}

/** Sends of the server's sockets from now on. */
function countWrites(server: Server): () => number {
  let writes = 0;
  server.prependListener('connection', (socket: Socket) => {
    const handle: unknown = Reflect.get(socket, '_handle');
    if (typeof handle !== 'object' || handle === null) throw new Error('no handle');
    for (const name of ['writeBuffer', 'writev', 'writeLatin1String', 'writeUtf8String']) {
      const write: unknown = Reflect.get(handle, name);
      if (typeof write !== 'function') throw new Error(`no ${name}`);
      Reflect.set(handle, name, (...args: unknown[]) => {
        writes += 1;
        return Reflect.apply(write, handle, args);
      });
    }
  });
  return () => writes;
}

interface Parsing extends AsyncDisposable {
  /** undefined: it is refused. */
  read(text: string): Promise<{ readonly url: string | undefined; readonly headers: object } | undefined>;
}

async function parsing(): Promise<Parsing> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    async read(text) {
      const heard = new Promise<{ url: string | undefined; headers: object } | undefined>((resolve) => {
        server.once('request', ({ url, headers }, res) => {
          resolve({ url, headers: { ...headers } });
          res.end();
        });
        server.once('upgrade', ({ url, headers }, socket) => {
          resolve({ url, headers: { ...headers } });
          socket.destroy();
        });
        server.on('clientError', ({ message }, socket) => {
          // What the last one left behind is none of its errors.
          if (message.startsWith('Parse Error')) resolve(undefined);
          socket.destroy();
        });
      });
      const { socket } = rawConnection(port, Buffer.from(text, 'latin1'));
      const found = await heard;
      socket.destroy();
      server.removeAllListeners('request').removeAllListeners('upgrade').removeAllListeners('clientError');
      return found;
    },
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}
