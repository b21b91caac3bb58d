/** P3, P4, P6 and P9 over HTTP: bytes that are too many, too slow, or no JSON. */
import { connect, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { ATTACK_KEY, type AttackServer, startAttacked } from './attack-server.ts';
import { HIDDEN, head } from './hidden-publish.ts';
import { codesOf, each, exchangeBytes, statusesOf } from './wires.ts';

let server: AttackServer;
/** Streams with an uplink, until the end of a test. */
const streams: Socket[] = [];

beforeAll(async () => {
  server = await startAttacked();
});
afterAll(() => server[Symbol.asyncDispose]());

const send = (bytes: Uint8Array | string, options = {}): Promise<string> => exchangeBytes(server.port, bytes, options);
/** The four ways in that take a request, each as a request that is good but for what a test does to it. */
const TARGETS: readonly (readonly [string, string])[] = [
  ['stream', 'GET /live/sse?channel=log:a'],
  ['poll', 'GET /live/poll?channel=log:a'],
  ['upgrade', 'GET /live/ws'],
  ['API', 'POST /live/api/publish'],
  ['uplink', 'POST /live/uplink/AAAAAAAAAAAAAAAAAAAAAA'],
];

afterEach(() => {
  for (const socket of streams.splice(0)) socket.destroy();
});

/** What a parser that goes back and forth reads slowly, repeated. */
const SHAPES = [
  ' ',
  '\t',
  ',',
  ';',
  '"',
  '=',
  'a,',
  'a;q=',
  '; ',
  '"",',
  '(',
  '%',
  '.',
  '[',
  'a=b; ',
  '1~a.',
  'W/"',
  '::',
  ', ',
];
/** Headers that something of ours reads. */
const NAMES = [
  ...['Accept-Language', 'If-None-Match', 'Cookie', 'Sec-WebSocket-Protocol', 'X-Forwarded-For', 'Last-Event-ID'],
  ...['Authorization', 'Content-Type', 'Accept', 'Accept-Encoding', 'Origin', 'Host', 'X-API-Key', 'Content-Encoding'],
];
const PATHS = [
  'GET /live/sse?channel=log:a',
  'GET /live/poll?channel=log:a',
  'POST /live/api/publish',
  'GET /live/ws',
  'GET /live/fanfare.js',
];

describe('P3 oversize', () => {
  it.each(['/live/api/publish', '/live/uplink/'])(
    '(a body that says it has 65 537 bytes) is refused by %s before it comes',
    async (path) => {
      const target = await postTarget(path);
      const answer = await send(
        head(`POST ${target}`, {
          'X-API-Key': ATTACK_KEY,
          'Content-Type': 'application/json',
          'Content-Length': 65_537,
        }),
      );

      expect([statusesOf(answer), codesOf(answer)]).toEqual([[413], ['BODY_TOO_LARGE']]);
      expect(answer).toContain('Connection: close');
    },
  );

  it('(a body in chunks that does not say how long it is) is cut at the limit', async () => {
    const chunk = `2000\r\n${'x'.repeat(0x2000)}\r\n`;
    const answer = await send(
      head('POST /live/api/publish', {
        'X-API-Key': ATTACK_KEY,
        'Content-Type': 'application/json',
        'Transfer-Encoding': 'chunked',
      }) + chunk.repeat(9),
    );

    expect([statusesOf(answer), codesOf(answer)]).toEqual([[413], ['BODY_TOO_LARGE']]);
    await server.expectUnharmed();
  });
});

describe('P4 header floods', () => {
  it.each(TARGETS)('are refused with 431 on the way to a %s', async (_, target) => {
    const floods = [
      head(target, { X: 'x'.repeat(17_000) }),
      `${target} HTTP/1.1\r\nHost: x\r\n${'A: b\r\n'.repeat(20_000)}\r\n`,
      head(`${target.split(' ')[0]} /${'x'.repeat(17_000)}`),
      head(target, { Cookie: 'a=b; '.repeat(4000) }),
    ];
    for (const flood of floods) {
      const answer = await send(flood);
      expect([statusesOf(answer), codesOf(answer)]).toEqual([[431], ['HEADERS_TOO_LARGE']]);
    }
    await server.expectUnharmed();
  });

  it('of what is slow to read for a parser that goes back and forth keep the loop no longer than others', async () => {
    const floods = NAMES.flatMap((name) =>
      SHAPES.flatMap((shape) => [
        { name, value: shape.repeat(Math.floor(15_000 / shape.length)) },
        { name, value: `application/json${shape.repeat(Math.floor(15_000 / shape.length))}x` },
      ]),
    );
    await each(floods, { atOnce: 4 }, async ({ name, value }, n) => {
      const upgrade = n % 5 === 3 ? 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n' : '';
      const host = name === 'Host' ? '' : 'Host: x\r\n';
      const request = `${PATHS[n % PATHS.length]} HTTP/1.1\r\n${host}${upgrade}${name}: ${value}\r\n\r\n`;
      await send(request, { untilText: /\r\n\r\n/ });
    });
    await server.expectUnharmed();
    for (const text of [
      'channel=a'.padEnd(12_000, '&channel=a'),
      'cursor='.padEnd(12_000, '1~'),
      'wait='.padEnd(12_000, '9.'),
      '%'.repeat(12_000),
    ]) {
      for (const wire of ['sse', 'poll']) {
        await send(`GET /live/${wire}?channel=log:a&${text} HTTP/1.1\r\nHost: x\r\n\r\n`, { untilText: /\r\n\r\n/ });
      }
    }
    const { work } = await server.process.loop();
    expect(work.max).toBeLessThan(150);
    await server.expectUnharmed();
  });

  it('(an expectation that nobody knows) is passed over, and one that is known is met', async () => {
    for (const expected of ['the unexpected', '100-continue']) {
      const answer = await send(`GET /healthz HTTP/1.1\r\nHost: x\r\nExpect: ${expected}\r\nConnection: close\r\n\r\n`);

      expect(statusesOf(answer).at(-1), answer).toBe(200);
    }
    await server.expectUnharmed();
  });

  it('of 2000 short headers within the limit cost one request', async () => {
    const answer = await send(`GET /healthz HTTP/1.1\r\nHost: x\r\n${'a:b\r\n'.repeat(2000)}Connection: close\r\n\r\n`);

    expect(statusesOf(answer)).toEqual([200]);
    await server.expectUnharmed();
  });
});

describe('P6 bad JSON, deep nesting, invalid UTF-8', () => {
  const cases: readonly (readonly [string, string, Uint8Array | string])[] = [
    ['nothing', 'BODY_MISSING', ''],
    ['no JSON', 'JSON_INVALID', 'channel=log:a'],
    ['JSON that stops', 'JSON_INVALID', '{"channel":"log:a"'],
    ['two values', 'JSON_INVALID', '{} {}'],
    ['a comment', 'JSON_INVALID', '{/**/}'],
    ['NaN', 'JSON_INVALID', '{"channel":NaN}'],
    ['a byte order mark', 'JSON_INVALID', '\uFEFF{}'],
    ['33 levels', 'JSON_TOO_DEEP', `{"data":${'['.repeat(32)}${']'.repeat(32)}}`],
    ['60 000 levels', 'JSON_TOO_DEEP', '['.repeat(60_000)],
    ['a million levels of objects in strings that are none', 'JSON_TOO_DEEP', '{"a":'.repeat(10_000)],
    ['a byte that begins nothing', 'JSON_INVALID', Buffer.from([0x7b, 0xff, 0x7d])],
    ['half a surrogate pair in bytes', 'JSON_INVALID', Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22])],
    ['UTF-16', 'JSON_INVALID', Buffer.from('{}', 'utf16le')],
  ];

  it.each(cases)('(%s) are refused with %s, by the API and by an uplink', async (_, code, body) => {
    for (const path of ['/live/api/publish', '/live/uplink/']) {
      const bytes = Buffer.from(body);
      const start = head(`POST ${await postTarget(path)}`, {
        'X-API-Key': ATTACK_KEY,
        'Content-Type': 'application/json',
        'Content-Length': bytes.length,
        Connection: 'close',
      });
      const answer = await send(Buffer.concat([Buffer.from(start), bytes]));
      expect(codesOf(answer)).toEqual([code]);
      expect(statusesOf(answer)).toEqual([400]);
    }
  });
});

describe('P9 slow headers, half-closed connections', { timeout: 60_000 }, () => {
  it('(three hundred clients that send a header a byte at a time) are cut after 10 s, and nobody else waits for them', async () => {
    const sockets = Array.from({ length: 300 }, (_, n) => {
      const socket = connect({ port: server.port, host: '127.0.0.1' });
      socket.on('error', () => {});
      socket.write(`${TARGETS[n % TARGETS.length]?.[1]} HTTP/1.1\r\nHost: x\r\nX: `);
      return socket;
    });
    const answers = sockets.map(textOf);
    const drip = setInterval(() => {
      for (const socket of sockets) if (socket.writable) socket.write('x');
    }, 500);
    const waits: number[] = [];
    const until = Promise.all(answers).then(() => true);
    for (let isOver = false; !isOver; ) {
      const asked = performance.now();
      expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
      waits.push(performance.now() - asked);
      isOver = await Promise.race([until, pause(200)]);
    }
    clearInterval(drip);

    expect((await Promise.all(answers)).map((text) => codesOf(text)[0])).toEqual(sockets.map(() => 'REQUEST_TIMEOUT'));
    expect(waits.length).toBeGreaterThan(10);
    expect((await server.gauges()).limitHits['headersTimeoutMs']).toBeGreaterThanOrEqual(300);
    await server.expectUnharmed();
  });

  it.each(TARGETS.slice(0, 3))(
    '(a %s whose client closes its half at once) leaves nothing behind',
    async (kind, target) => {
      const upgrade = {
        Upgrade: 'websocket',
        Connection: 'Upgrade',
        'Sec-WebSocket-Version': 13,
        'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
      };
      const request = head(target.replace('poll?', 'poll?wait=20&'), kind === 'upgrade' ? upgrade : {});

      await each(Array.from({ length: 50 }), { atOnce: 50 }, async () => {
        const answer = await send(request, { endsHalf: true });
        // Told, or let go: never another status than that of the answer.
        expect(statusesOf(answer).filter((status) => ![101, 200].includes(status))).toEqual([]);
      });
      await server.expectUnharmed();
    },
  );

  it('(a body of which half comes, and then the end) stores nothing', async () => {
    const { published } = await server.gauges();
    const half = HIDDEN.slice(0, -20);

    const answer = await send(half, { endsHalf: true });

    expect(statusesOf(answer).filter((status) => status < 400)).toEqual([]);
    expect((await server.gauges()).published).toBe(published);
  });
});

/** The path of the API, or of the uplink of a stream that is open for the rest of the test. */
async function postTarget(path: string): Promise<string> {
  if (path !== '/live/uplink/') return path;
  const socket = connect({ port: server.port, host: '127.0.0.1' });
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  socket.write(head('GET /live/sse?channel=log:a'));
  streams.push(socket);
  const id = await vi.waitUntil(() => /"connection":"([\w-]+)"/.exec(text)?.[1], { timeout: 10_000 });
  return path + id;
}

function textOf(socket: Socket): Promise<string> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
    });
    socket.on('close', () => resolve(text));
  });
}

/** Between two questions, so that asking is not what keeps the server busy. */
function pause(ms: number): Promise<false> {
  return new Promise((resolve) => {
    setTimeout(() => resolve(false), ms);
  });
}
