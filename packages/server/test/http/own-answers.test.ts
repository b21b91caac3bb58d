/** Whatever is wrong with a request, the answer is ours: a status that says what, and a body with a stable code. Node has answers of its own, with neither. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { errorCode, rawConnection, statuses } from './http-fixture.ts';
import { API_KEY, type LiveServer, startLive } from './live-fixture.ts';

const UPGRADE = 'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n';
const WS = `${UPGRADE}Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n`;
const PUBLISH = `X-API-Key: ${API_KEY}\r\nContent-Type: application/json\r\n`;
const EVENT = '{"channel":"typing:a","event":"typing","data":1}';
const publish = (headers: string, body = EVENT): string =>
  `POST /live/api/publish HTTP/1.1\r\n${headers}${PUBLISH}Content-Length: ${body.length}\r\n\r\n${body}`;

type Row = readonly [what: string, request: string, status: number, code: string];

const MALFORMED: readonly (readonly [string, string])[] = [
  ['no host', 'GET /healthz HTTP/1.1\r\n\r\n'],
  ['a host by another name', 'GET /healthz HTTP/1.1\r\nHosq: x\r\n\r\n'],
  ['no host, at a path that is not there', 'GET /nothing HTTP/1.1\r\n\r\n'],
  ['no host, and an expectation', publish('Expect: 100-continue\r\n')],
  ['no host, and an expectation that nobody knows', publish('Expect: the unexpected\r\n')],
  ['no host, and a body', publish('')],
  [
    'no host, and a body in chunks',
    'POST /live/api/publish HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\n\r\n',
  ],
  ['no host, and a preflight', 'OPTIONS /live/sse HTTP/1.1\r\nOrigin: https://a.example\r\n\r\n'],
  ['no host, for a stream', 'GET /live/sse?channel=public:a HTTP/1.1\r\nAccept: text/event-stream\r\n\r\n'],
  ['no host, for a WebSocket', `GET /live/ws HTTP/1.1\r\n${WS}\r\n`],
  ['no host, for an upgrade that nobody takes', 'GET /healthz HTTP/1.1\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n'],
  ['no host, for a tunnel', 'CONNECT example.com:443 HTTP/1.1\r\n\r\n'],
  ['two hosts', 'GET /healthz HTTP/1.1\r\nHost: x\r\nhost: x\r\n\r\n'],
  ['two hosts, for a WebSocket', `GET /live/ws HTTP/1.1\r\nHost: x\r\nHost: y\r\n${WS}\r\n`],
  ['two hosts, for a tunnel', 'CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n'],
  ['a target for another host', `GET http://y/live/ws HTTP/1.1\r\nHost: x\r\n${WS}\r\n`],
  ['no method', ' / HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a method that nobody knows', 'FANFARE /healthz HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['a version of its own', 'GET /healthz HTTP/7.7\r\nHost: x\r\n\r\n'],
  ['the preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
  ['a greeting of TLS', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ['a length that is none', 'POST /live/api/publish HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n'],
];

const ROWS: readonly Row[] = [
  ...MALFORMED.map(([what, request]): Row => [what, request, 400, 'REQUEST_MALFORMED']),
  ['a tunnel', 'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n', 405, 'METHOD_NOT_ALLOWED'],
  ['a WebSocket without a key', `GET /live/ws HTTP/1.1\r\nHost: x\r\n${UPGRADE}\r\n`, 400, 'REQUEST_MALFORMED'],
  [
    'another version of WebSocket',
    `GET /live/ws HTTP/1.1\r\nHost: x\r\n${WS.replace('13', '7')}\r\n`,
    426,
    'UPGRADE_REQUIRED',
  ],
  [
    'another protocol',
    'GET /live/ws HTTP/1.1\r\nHost: x\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n',
    426,
    'UPGRADE_REQUIRED',
  ],
  ['an upgrade for nobody', `GET /nothing HTTP/1.1\r\nHost: x\r\n${WS}\r\n`, 404, 'NOT_FOUND'],
  ['headers without end', `GET /healthz HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}`, 431, 'HEADERS_TOO_LARGE'],
];

describe.each([
  ['behind a front', false],
  ['where every request is logged', true],
])('a server %s', (_, logRequests) => {
  let server: LiveServer;
  beforeAll(async () => {
    server = await startLive({ logRequests });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  const ask = (request: string): Promise<string> => {
    const raw = rawConnection(server.port, Buffer.from(request, 'latin1'));
    raw.socket.end();
    return raw.ended;
  };

  it.each(ROWS)('answers %s with a code, and ends', async (_what, request, status, code) => {
    const answer = await ask(request);

    expect([statuses(answer).filter((one) => one !== 100), errorCode(answer)], answer).toEqual([[status], code]);
    expect(answer).toMatch(/^content-type: application\/json/im);
    const body = answer.slice(answer.lastIndexOf('\r\n\r\n') + 4);
    expect(answer).toMatch(new RegExp(`^content-length: ${Buffer.byteLength(body, 'latin1')}\r$`, 'im'));
  });

  it('says at a tunnel what it takes instead', async () => {
    expect(await ask('CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n')).toContain(
      '\r\nAllow: GET, POST\r\n',
    );
  });

  it('takes a request of HTTP/1.0, which has no host, and an empty one', async () => {
    expect(statuses(await ask('GET /healthz HTTP/1.0\r\n\r\n'))).toEqual([200]);
    expect(statuses(await ask('GET /healthz HTTP/1.1\r\nHost:\r\n\r\n'))).toEqual([200]);
  });

  it('reads nothing as a request behind one without a host, also of a connection that publishes', async () => {
    const { socket, ended, text } = rawConnection(server.port, publish('Host: x\r\n'));
    await expect.poll(() => statuses(text()), { timeout: 20_000 }).toEqual([200]);
    socket.write(publish('Host: x\r\n'));
    await expect.poll(() => statuses(text()), { timeout: 20_000 }).toEqual([200, 200]);
    socket.write(publish('Hosq: x\r\n') + publish('Host: x\r\n'));

    const answer = await ended;
    expect(statuses(answer)).toEqual([200, 200, 400]);
    expect(errorCode(answer)).toBe('REQUEST_MALFORMED');
  });
});
