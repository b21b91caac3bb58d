/** What is particular to /live/ws: the upgrade, the bytes, and what it does with bytes that are none of ours [PROTOCOL §13]. */
import { once } from 'node:events';
import { OPCODES, type RawFrame, RawWebSocket, type RawWebSocketOptions } from '@fanfare/testkit';
import { describe, expect, it, vi } from 'vitest';
import { FanfareError } from '../../src/index.ts';
import { expectNothingOpen, type LiveOptions, startLive } from './live-fixture.ts';

type Options = LiveOptions<Parameters<typeof startLive>[0] extends LiveOptions<infer M> | undefined ? M : never>;

async function start(options: Options = {}) {
  const running = await startLive(options);
  running.live.attach(running.server);
  return {
    ...running,
    connect: (more: Omit<RawWebSocketOptions, 'port'> = {}) => new RawWebSocket({ port: running.port, ...more }),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

const bearer = (token: string): string => `bearer.${Buffer.from(token).toString('base64url')}`;

/** `Bearer NAME` is NAME; `Bearer expired` and a cookie `bad=1` are refused; `Bearer broken` is a fault of ours. */
const authenticate: Options['authenticate'] = ({ headers }) => {
  const { authorization = '', cookie = '' } = headers;
  if (cookie === 'bad=1') throw new FanfareError('UNAUTHENTICATED');
  if (authorization === 'Bearer expired') throw new FanfareError('CREDENTIAL_EXPIRED');
  if (authorization === 'Bearer broken') throw new Error('no database');
  const subject = authorization.replace('Bearer ', '') || cookie.replace('session=', '');
  return subject === '' ? undefined : { subject, roles: [] };
};

describe('the upgrade', () => {
  it('echoes our subprotocol where it is offered, and never a token', async () => {
    await using server = await start({ authenticate });
    using plain = server.connect({
      headers: { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' },
    });
    using named = server.connect({ headers: { 'Sec-WebSocket-Protocol': `fanfare.v1, ${bearer('user-7')}` } });
    using foreign = server.connect({ headers: { 'Sec-WebSocket-Protocol': 'graphql-ws' } });

    await plain.answered();
    expect([plain.status, plain.header('Sec-WebSocket-Protocol')]).toEqual([101, undefined]);
    expect((await named.answered()).header('Sec-WebSocket-Protocol')).toBe('fanfare.v1');
    expect((await foreign.answered()).header('Sec-WebSocket-Protocol')).toBeUndefined();
    for (const client of [plain, named, foreign]) expect(client.header('Sec-WebSocket-Extensions')).toBeUndefined();
  });

  it.each([
    ['a cookie', { Cookie: 'session=user-7' }],
    ['a header', { Authorization: 'Bearer user-7' }],
    ['a subprotocol', { 'Sec-WebSocket-Protocol': `${bearer('user-7')}, fanfare.v1` }],
    ['a subprotocol, which beats a cookie', { 'Sec-WebSocket-Protocol': bearer('user-7'), Cookie: 'session=user-1' }],
  ])('knows who asks by %s', async (_, headers) => {
    await using server = await start({ authenticate });
    using client = server.connect({ headers });
    await client.until((frame) => frame.type === 'connected');

    expect(server.live.connections()).toMatchObject([{ identity: 'user-7', label: 'ws', address: '127.0.0.1' }]);
  });

  it('says at once when to come back, should it break: in a window that grows with the crowd', async () => {
    await using server = await start({ limits: { minRetryMs: 2000, maxRetryMs: 60_000 } });
    using client = server.connect();
    await client.until((frame) => frame.type === 'connected');

    const { retryMs } = client.frames[0]?.type === 'connected' ? client.frames[0] : {};
    expect(retryMs).toBeGreaterThanOrEqual(2000);
    expect(retryMs).toBeLessThan(2100);
  });

  it.each([
    ['CREDENTIAL_EXPIRED', 3006, { Authorization: 'Bearer expired' }],
    ['UNAUTHENTICATED', 3502, { Cookie: 'bad=1' }],
    ['UNAUTHENTICATED', 3502, { 'Sec-WebSocket-Protocol': 'fanfare.v1, bearer.' }],
    ['INTERNAL', 3008, { Authorization: 'Bearer broken' }],
  ])('tells %s inside, and by close code %i: a page cannot read a status', async (code, close, headers) => {
    const faults: unknown[] = [];
    await using server = await start({ authenticate, onError: (fault) => faults.push(fault) });
    using client = server.connect({ headers });
    await client.untilClosed();

    expect(client.status).toBe(101);
    expect(client.frames).toMatchObject([
      { type: 'error', code, ...(close < 3500 ? { retry: true } : {}) },
      { type: 'close', code: close, reconnect: close < 3500 },
    ]);
    expect(client.closedWith?.code).toBe(close);
    expect(faults).toHaveLength(code === 'INTERNAL' ? 1 : 0);
    await expectNothingOpen(server);
  });

  it('answers a denied origin with 403, before anything else', async () => {
    await using server = await start({ authenticate, allowedOrigins: ['https://app.example'] });
    const origins = ['https://evil.example', 'null', `http://127.0.0.1:${server.port + 1}`];
    for (const Origin of origins) {
      using client = server.connect({ headers: { Origin, Cookie: 'session=user-7' } });
      await client.untilClosed();
      expect([client.status, JSON.parse(client.body).error.code]).toEqual([403, 'ORIGIN_FORBIDDEN']);
    }
    for (const Origin of ['https://app.example', `http://127.0.0.1:${server.port}`]) {
      using client = server.connect({ headers: { Origin } });
      expect((await client.answered()).status).toBe(101);
    }
  });

  it.each<[number, string, Record<string, string>]>([
    [426, 'UPGRADE_REQUIRED', { 'Sec-WebSocket-Version': '7' }],
    [400, 'REQUEST_MALFORMED', { 'Sec-WebSocket-Key': 'short' }],
    [400, 'REQUEST_MALFORMED', { 'Sec-WebSocket-Protocol': 'a,,b' }],
  ])('answers what is no handshake with %i %s', async (status, code, headers) => {
    await using server = await start();
    using client = server.connect({ headers });
    await client.untilClosed();

    expect([client.status, JSON.parse(client.body).error.code]).toEqual([status, code]);
  });

  it('is asked for where the path is fetched', async () => {
    await using server = await start();

    const answer = await fetch(`${server.url}/live/ws`);

    expect(answer.status).toBe(426);
    expect(await answer.json()).toMatchObject({ error: { code: 'UPGRADE_REQUIRED' } });
  });

  it('survives a client that leaves while it is looked at', async () => {
    let admit = (): void => {};
    const waiting = new Promise<undefined>((resolve) => {
      admit = () => resolve(undefined);
    });
    await using server = await start({ authenticate: () => waiting });
    using client = server.connect();
    await vi.waitUntil(async () => (await openSockets(server.server)) === 1, { timeout: 10_000 });
    const left = once(client.socket, 'close');
    client.socket.resetAndDestroy();
    await left;
    // Nobody reads a socket that is not let in yet: the server may not know that this one is gone.
    admit();

    await expectNothingOpen(server);
  });
});

describe('a message that cannot be read', () => {
  const half = Buffer.from('{"type":"ping"}').subarray(0, 8);
  it.each<[string, number, readonly RawFrame[]]>([
    ['binary', 1003, [{ opcode: OPCODES.binary, payload: '{"type":"ping"}' }]],
    ['over 64 KiB', 1009, [{ payload: 'x'.repeat(65_537) }]],
    ['over 64 KiB in fragments', 1009, fragments('x'.repeat(65_537), 8192)],
    ['in more than 64 fragments', 1008, fragments('x'.repeat(65), 1)],
    ['not UTF-8', 1007, [{ payload: Buffer.from([0x22, 0xc3, 0x28, 0x22]) }]],
    ['with a reserved bit', 1002, [{ payload: '{}', reserved: 4 }]],
    ['not masked', 1002, [{ payload: '{"type":"ping"}', masked: false }]],
    ['of an opcode that nobody knows', 1002, [{ opcode: 3, payload: 'x' }]],
    ['that goes on without a beginning', 1002, [{ opcode: OPCODES.continuation, payload: half }]],
    ['a control frame in fragments', 1002, [{ opcode: OPCODES.ping, fin: false }]],
    ['a control frame of 126 bytes', 1002, [{ opcode: OPCODES.ping, payload: 'x'.repeat(126) }]],
    ['a close code that must not be sent', 1002, [{ opcode: OPCODES.close, payload: Buffer.from([0x03, 0xed]) }]],
  ])('ends the connection: %s, with %i', async (_, code, frames) => {
    await using server = await start();
    const ended: number[] = [];
    server.live.observe((event) => event.kind === 'connection-closed' && ended.push(event.code));
    using client = server.connect();
    await client.until((frame) => frame.type === 'connected');

    for (const frame of frames) client.write(frame);
    await client.untilClosed();

    expect(client.closedWith?.code).toBe(code);
    expect(ended).toEqual([code]);
    await expectNothingOpen(server);
  });

  it('is one of 64 KiB, or in 64 fragments, no more than its content says', async () => {
    await using server = await start();
    using client = server.connect();
    client.send(`"${'x'.repeat(65_534)}"`);
    for (const frame of fragments('{"type":"ping"}'.padEnd(64), 1)) client.write(frame);

    expect(await client.until((frame) => frame.type === 'error')).toMatchObject({ code: 'FRAME_INVALID' });
    await client.until((frame) => frame.type === 'heartbeat');
  });
});

describe('the frames of RFC 6455', () => {
  it('answer a ping with what it carried', async () => {
    await using server = await start();
    using client = server.connect();
    await client.answered();

    client.write({ opcode: OPCODES.ping, payload: 'are you there' });
    client.write({ opcode: OPCODES.ping });
    await vi.waitUntil(() => client.pongs.length === 2, { timeout: 10_000 });

    expect(client.pongs.map(String)).toEqual(['are you there', '']);
  });

  it('take the length that is shortest, on either side of each border', async () => {
    await using server = await start();
    using client = server.connect();
    client.send({ type: 'subscribe', channel: 'log:a' });
    await client.until((frame) => frame.type === 'subscribed');
    const around = (length: number): readonly number[] => Array.from({ length: 80 }, (_, n) => length - 130 + n);
    const sizes = [...around(126), ...around(65_536)].filter((size) => size >= 0);

    for (const size of sizes) await server.live.channel('log:a').publish('e', 'x'.repeat(size));
    // The client refuses a length in a longer form than needed, and checks the UTF-8.
    await vi.waitUntil(() => client.frames.filter(({ type }) => type === 'event').length === sizes.length, {
      timeout: 20_000,
    });

    expect(client.frames.flatMap((frame) => (frame.type === 'event' ? [String(frame.data).length] : []))).toEqual(
      sizes,
    );
  });

  it('end in a close frame for a close frame', async () => {
    await using server = await start();
    const ended: number[] = [];
    server.live.observe((event) => event.kind === 'connection-closed' && ended.push(event.code));
    using client = server.connect();
    await client.until((frame) => frame.type === 'connected');

    client.close(1001);
    await client.untilClosed();

    expect(client.closedWith?.code).toBe(1001);
    expect(ended).toEqual([1001]);
  });

  it('cut a peer that does not answer the close frame', { timeout: 30_000 }, async () => {
    await using server = await start();
    using client = server.connect();
    await client.until((frame) => frame.type === 'connected');
    client.socket.pause();

    server.live.disconnect(() => true);

    await vi.waitUntil(async () => (await openSockets(server.server)) === 0, { timeout: 20_000 });
  });
});

function fragments(text: string, size: number): readonly RawFrame[] {
  const parts = text.match(new RegExp(`.{1,${size}}`, 'gs')) ?? [];
  return parts.map((payload, index) => ({
    opcode: index === 0 ? OPCODES.text : OPCODES.continuation,
    payload,
    fin: index === parts.length - 1,
  }));
}

function openSockets(server: { getConnections(done: (error: Error | null, count: number) => void): void }) {
  return new Promise<number>((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
