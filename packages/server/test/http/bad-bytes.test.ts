/** Bytes that are not quite HTTP, to a server that goes on: nothing is published that nobody sent. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { HeldServer } from './held-server.ts';
import { errorCode, rawConnection, statuses } from './http-fixture.ts';
import { apiHead, type LiveServer, publishHead, startLive } from './live-fixture.ts';

let held: HeldServer;
let server: LiveServer;

beforeAll(async () => {
  held = await HeldServer.start();
  server = held.server;
});
beforeEach(() => held.mark());
afterAll(() => held[Symbol.asyncDispose]());

const LENGTH_IN_TRAILER = '2\r\n{}\r\n0\r\nContent-Length: 3\r\n\r\n';

describe('bytes that are not quite HTTP', () => {
  it.each([
    ['no HTTP at all', '\u0016\u0003\u0001\u0002\u0000', 400, 'REQUEST_MALFORMED'],
    ['a header with a space in its name', 'GET / HTTP/1.1\r\nHo st: x\r\n\r\n', 400, 'REQUEST_MALFORMED'],
    [
      'two lengths',
      `POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab`,
      400,
      'REQUEST_MALFORMED',
    ],
    [
      'length and chunks at once',
      'POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'REQUEST_MALFORMED',
    ],
    ['a chunk that is no chunk', `${publishHead('chunked')}zz\r\n`, 400, 'REQUEST_MALFORMED'],
    ['a length in a trailer', `${publishHead('chunked')}${LENGTH_IN_TRAILER}`, 400, 'REQUEST_MALFORMED'],
    [
      'the same behind a head that is refused by itself',
      `POST /nothing HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n${LENGTH_IN_TRAILER}`,
      404,
      'NOT_FOUND',
    ],
    ['17 KiB of headers', `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(17 * 1024)}\r\n\r\n`, 431, 'HEADERS_TOO_LARGE'],
    [
      'a megabyte of headers',
      `GET / HTTP/1.1\r\nHost: x\r\n${'X: y\r\n'.repeat(170_000)}\r\n`,
      431,
      'HEADERS_TOO_LARGE',
    ],
    ['a URL of 17 KiB', `GET /${'x'.repeat(17 * 1024)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431, 'HEADERS_TOO_LARGE'],
  ])('(%s) get one answer and the connection is closed', async (_, bytes, status, code) => {
    const answer = await rawConnection(server.port, bytes).ended;

    expect([statuses(answer), errorCode(answer)]).toEqual([[status], code]);
    await held.expectUnharmed();
  });

  it('(a line end inside a header value) do not become a second header', async () => {
    const answer = await rawConnection(
      server.port,
      'GET /healthz HTTP/1.1\r\nHost: x\r\nAccept-Language: vi\nX-A: b\r\n\r\n',
    ).ended;

    expect(statuses(answer)).toEqual([400]);
  });

  it('(a half-closed connection) still get their answer', async () => {
    const body = JSON.stringify({ channel: 'public:kept' });
    const raw = rawConnection(server.port, apiHead('history', body.length) + body);
    raw.socket.end();

    expect(statuses(await raw.ended)).toEqual([200]);
  });

  it('(a body that stops half-way) end with the connection, and nothing is stored', async () => {
    const raw = rawConnection(server.port, `${publishHead(100)}{"channel":"public:a"`);
    raw.socket.end();

    expect(statuses(await raw.ended).filter((status) => status < 400)).toEqual([]);
    await held.expectUnharmed();
  });

  it('(pipelined requests, good and bad) are answered in order', async () => {
    const good = JSON.stringify({ channel: 'public:kept' });
    const requests = [
      apiHead('history', good.length, 'keep-alive') + good,
      'GET /nowhere HTTP/1.1\r\nHost: x\r\n\r\n',
      `${apiHead('history', 3, 'keep-alive')}{a}`,
      'GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    ];

    const answer = await rawConnection(server.port, requests.join('')).ended;

    expect(statuses(answer)).toEqual([200, 404, 400, 200]);
  });

  it('(garbage behind a request that is being answered) do not end up in its answer', async () => {
    const body = JSON.stringify({ channel: 'public:kept' });
    const answer = await rawConnection(
      server.port,
      `${apiHead('history', body.length, 'keep-alive')}${body}GARBAGE\r\n\r\n`,
    ).ended;

    // Either the answer alone, or answer and 400 apart, or nothing: never a 400 that the publisher would take for its own.
    const length = Number(/Content-Length: (\d+)/.exec(answer)?.[1] ?? 0);
    const behind = answer.slice(answer.indexOf('\r\n\r\n') + 4 + length);
    expect(statuses(answer)[0] ?? 200).toBe(200);
    expect(behind === '' || behind.startsWith('HTTP/1.1 400 ')).toBe(true);
    await held.expectUnharmed();
  });

  it('(headers that never end, on two hundred connections) are answered 408, and dropped', async () => {
    await using hasty = await startLive({
      start: {
        config: { port: 0, host: '127.0.0.1', trustProxy: 0, logRequests: false, limits: { headersTimeoutMs: 300 } },
      },
    });
    const slow = Array.from({ length: 200 }, (_, n) =>
      rawConnection(hasty.port, n % 2 === 0 ? 'GET' : 'GET / HTTP/1.1\r\nX: '),
    );

    const answers = await Promise.all(slow.map((raw) => raw.ended));

    expect(answers.map(errorCode)).toEqual(answers.map(() => 'REQUEST_TIMEOUT'));
    await vi.waitFor(async () => expect(await openSockets(hasty)).toBe(0), 5000);
  });

  it('(any random bytes) never end the process', async () => {
    const samples = fc.sample(fc.uint8Array({ minLength: 1, maxLength: 200 }), 200);
    const lines = fc.sample(fc.tuple(fc.constantFrom('GET', 'POST', 'BREW'), fc.webPath(), fc.string()), 200);
    const bytes = [
      ...samples.map((sample) => Buffer.from(sample)),
      ...lines.map(([method, path, text]) =>
        Buffer.from(`${method} ${path} HTTP/1.1\r\nHost: x\r\nX: ${text}\r\nConnection: close\r\n\r\n`),
      ),
    ];
    for (const batch of chunked(bytes, 50)) {
      await Promise.all(
        batch.map((each) => {
          const raw = rawConnection(server.port, each);
          raw.socket.end();
          return raw.ended;
        }),
      );
    }
    await held.expectUnharmed();
  }, 60_000);
});

function openSockets({ running }: LiveServer): Promise<number> {
  return new Promise((resolve, reject) => {
    running.server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}

function chunked<T>(list: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(list.length / size) }, (_, n) => list.slice(n * size, (n + 1) * size));
}
