/** P10: requests that are one to one reader and two to another, and nothing that hides in them is carried out. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ATTACK_KEY, type AttackServer, startAttacked } from './attack-server.ts';
import { HIDDEN, head } from './hidden-publish.ts';
import { exchangeBytes, statusesOf } from './wires.ts';

let server: AttackServer;

beforeAll(async () => {
  server = await startAttacked();
});
afterAll(() => server[Symbol.asyncDispose]());

const send = (bytes: Uint8Array | string, options = {}): Promise<string> => exchangeBytes(server.port, bytes, options);
describe('P10 smuggling shapes', () => {
  const auth = `X-API-Key: ${ATTACK_KEY}\r\nContent-Type: application/json\r\n`;
  const post = (headers: string, body: string): string =>
    `POST /live/api/stats HTTP/1.1\r\nHost: x\r\n${auth}${headers}\r\n${body}`;
  const shapes: readonly (readonly [string, string])[] = [
    ['length and chunks', post('Content-Length: 4\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${HIDDEN}`)],
    ['chunks and length', post('Transfer-Encoding: chunked\r\nContent-Length: 4\r\n', `0\r\n\r\n${HIDDEN}`)],
    ['two lengths', post(`Content-Length: 2\r\nContent-Length: ${2 + HIDDEN.length}\r\n`, `{}${HIDDEN}`)],
    ['a list of lengths', post('Content-Length: 2, 2\r\n', `{}${HIDDEN}`)],
    ['a length with a sign', post('Content-Length: +2\r\n', `{}${HIDDEN}`)],
    ['a negative length', post('Content-Length: -1\r\n', HIDDEN)],
    ['a length in hex', post('Content-Length: 0x2\r\n', `{}${HIDDEN}`)],
    ['a length with a space inside', post('Content-Length: 2 0\r\n', `{}${HIDDEN}`)],
    ['a space before the colon', post('Content-Length : 2\r\n', `{}${HIDDEN}`)],
    ['a tab before the colon', post('Transfer-Encoding\t: chunked\r\n', `0\r\n\r\n${HIDDEN}`)],
    ['a coding that is not chunked', post('Transfer-Encoding: xchunked\r\n', `0\r\n\r\n${HIDDEN}`)],
    ['chunked twice', post('Transfer-Encoding: chunked, chunked\r\n', `0\r\n\r\n${HIDDEN}`)],
    ['chunked, then something else', post('Transfer-Encoding: chunked, identity\r\n', `0\r\n\r\n${HIDDEN}`)],
    [
      'two codings in two lines',
      post('Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${HIDDEN}`),
    ],
    ['a folded header', post('Transfer-Encoding:\r\n chunked\r\n', `0\r\n\r\n${HIDDEN}`)],
    ['a header after a bare line feed', post('X: y\nTransfer-Encoding: chunked\r\n', `0\r\n\r\n${HIDDEN}`)],
    ['a header after a bare carriage return', post('X: y\rTransfer-Encoding: chunked\r\n', `0\r\n\r\n${HIDDEN}`)],
    ['a NUL in a value', post('X: y\0z\r\nContent-Length: 2\r\n', `{}${HIDDEN}`)],
    ['a chunk size with a sign', post('Transfer-Encoding: chunked\r\n', `+2\r\n{}\r\n0\r\n\r\n${HIDDEN}`)],
    ['a chunk size in 0x', post('Transfer-Encoding: chunked\r\n', `0x2\r\n{}\r\n0\r\n\r\n${HIDDEN}`)],
    ['a chunk longer than it says', post('Transfer-Encoding: chunked\r\n', `1\r\n{}\r\n0\r\n\r\n${HIDDEN}`)],
    [
      'a chunk size that overflows',
      post('Transfer-Encoding: chunked\r\n', `10000000000000002\r\n{}\r\n0\r\n\r\n${HIDDEN}`),
    ],
    ['a chunk size ended by a bare line feed', post('Transfer-Encoding: chunked\r\n', `2\n{}\r\n0\r\n\r\n${HIDDEN}`)],
    ['an extension with a line feed', post('Transfer-Encoding: chunked\r\n', `2;a\nb\r\n{}\r\n0\r\n\r\n${HIDDEN}`)],
    ['no version', `GET /healthz\r\n\r\n${HIDDEN}`],
    ['HTTP/0.9', `GET /healthz HTTP/0.9\r\n\r\n${HIDDEN}`],
    ['HTTP/2.0 in letters', `GET /healthz HTTP/2.0\r\nHost: x\r\n\r\n${HIDDEN}`],
    ['the preface of HTTP/2', `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${HIDDEN}`],
    ['two hosts', `GET /healthz HTTP/1.1\r\nHost: x\r\nHost: y\r\nConnection: close\r\n\r\n`],
    ['a target for another host', `GET http://y/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`],
    ['a target for a user of the host', `GET http://x@y/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`],
    ['no host at all', `GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n`],
  ];

  it.each(shapes)('(%s) carry out nothing that is hidden in them', async (_, bytes) => {
    const { published } = await server.gauges();

    const answer = await send(bytes);

    // Of an odd version, the request in front may have its answer; then the connection ends.
    const served = bytes.startsWith('GET /healthz') && bytes.includes(HIDDEN) ? 1 : 0;
    expect(statusesOf(answer).filter((status) => status !== 400).length).toBeLessThanOrEqual(served);
    expect((await server.gauges()).published).toBe(published);
    const history = await send(
      `${head('POST /live/api/history', {
        'X-API-Key': ATTACK_KEY,
        'Content-Type': 'application/json',
        'Content-Length': 26,
        Connection: 'close',
      })}{"channel":"log:smuggled"}`,
    );
    expect(history).toContain('"events":[]');
  });

  it('(a target for the host itself) is what a proxy may send', async () => {
    const answer = await send(`GET http://X/healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`);

    expect(statusesOf(answer)).toEqual([200]);
  });

  it.each(['websocket', 'h2c', 'websocket, h2c', 'TLS/1.0'])(
    '(a body behind an upgrade to %s) is no request',
    async (protocol) => {
      const { published } = await server.gauges();
      for (const target of ['GET /live/ws', 'GET /healthz', 'GET /live/sse?channel=log:a', 'GET /live/nothing']) {
        await send(
          head(target, { Upgrade: protocol, Connection: 'Upgrade', 'Content-Length': HIDDEN.length }) + HIDDEN,
          {
            forMs: 500,
          },
        );
      }

      expect((await server.gauges()).published).toBe(published);
      await server.expectUnharmed();
    },
  );

  it('(what follows a WebSocket on its connection) is no request, and what follows a stream gets no answer in it', async () => {
    const { published } = await server.gauges();
    const upgrade = {
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Version': 13,
      'Sec-WebSocket-Key': 'dGhlIHNhbXBsZSBub25jZQ==',
    };

    const upgraded = await send(head('GET /live/ws', upgrade) + HIDDEN, { forMs: 1000 });
    expect(statusesOf(upgraded)).toEqual([101]);
    expect((await server.gauges()).published).toBe(published);
    const streamed = await send(head('GET /live/sse?channel=log:a') + HIDDEN, { forMs: 1000 });

    expect(statusesOf(streamed)).toEqual([200]);
    expect(streamed).not.toContain('"ack"');
    await server.expectUnharmed();
  });

  it('(a whole URL as target) is the path in it, and not the host', async () => {
    const answer = await send(head('GET http://evil.example/healthz', { Connection: 'close' }));

    expect(statusesOf(answer)[0]).toBeLessThan(500);
    await server.expectUnharmed();
  });
});
