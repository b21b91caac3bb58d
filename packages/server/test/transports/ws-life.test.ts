/** What a WebSocket owes while it is open: an answer to pings, something to live for, a credential that holds [PROTOCOL §13]. */
import { OPCODES, RawWebSocket, type RawWebSocketOptions } from '@fanfare/testkit';
import { describe, expect, it, vi } from 'vitest';
import type { Clock, FanfareOptions } from '../../src/index.ts';
import { systemClock } from '../../src/index.ts';
import { startLive } from './live-fixture.ts';
import { startWireServer } from './wire-server.ts';

const SPEED = 20;
const WAIT = { timeout: 20_000, interval: 10 };

/** Twenty times as fast as the world. */
const hurried: Clock = {
  ...systemClock,
  now: () => performance.now() * SPEED,
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs / SPEED);
    return () => clearTimeout(timer);
  },
};

async function start(options: Partial<Pick<FanfareOptions<never>, 'authenticate' | 'clock'>> = {}) {
  const running = await startLive(options);
  running.live.attach(running.server);
  return {
    ...running,
    connect: (more: Omit<RawWebSocketOptions, 'port'> = {}) => new RawWebSocket({ port: running.port, ...more }),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

// Side by side: most of it is waiting.
describe.concurrent('a WebSocket', () => {
  it('is pinged with every heartbeat, and lives as long as it answers', { timeout: 60_000 }, async () => {
    await using server = await start({ clock: hurried });
    using client = server.connect({ headers: {} });
    client.send({ type: 'subscribe', channel: 'log:a' });

    await vi.waitUntil(() => client.pings.length >= 6, WAIT);

    // Six heartbeats: twice as long as a silent peer may live.
    expect(client.closed).toBe(false);
    const beats = client.frames.filter(({ type }) => type === 'heartbeat');
    expect(Math.abs(beats.length - client.pings.length)).toBeLessThanOrEqual(1);
  });

  it('that is not heard ends: half-open, asleep, gone without a word', { timeout: 60_000 }, async () => {
    await using server = await start({ clock: hurried });
    const ended: number[] = [];
    server.live.observe((event) => event.kind === 'connection-closed' && ended.push(event.code));
    using client = server.connect();
    client.answersPings = false;
    client.send({ type: 'subscribe', channel: 'log:a' });
    await client.untilClosed();

    expect(client.pings.length).toBeGreaterThanOrEqual(2);
    expect([client.closedWith?.code, ended]).toEqual([3005, [3005]]);
    expect(client.frames.at(-1)).toMatchObject({ type: 'close', code: 3005, reconnect: true });
  });

  it.each(['a pong that nobody asked for', 'a ping', 'a command', 'no frame of ours'])(
    'is heard by %s',
    { timeout: 60_000 },
    async (what) => {
      await using server = await start({ clock: hurried });
      using client = server.connect();
      client.answersPings = false;
      client.send({ type: 'subscribe', channel: 'log:a' });

      const speak = setInterval(() => {
        if (what === 'a pong that nobody asked for') client.write({ opcode: OPCODES.pong });
        else if (what === 'a ping') client.write({ opcode: OPCODES.ping });
        else client.send(what === 'a command' ? { type: 'ping' } : 'hello');
      }, 20_000 / SPEED);
      await vi.waitUntil(() => client.pings.length >= 5 || client.closed, WAIT);
      clearInterval(speak);

      expect(client.closed).toBe(false);
    },
  );

  it('with neither subscription nor identity ends after ten seconds', { timeout: 60_000 }, async () => {
    await using server = await start({
      clock: hurried,
      authenticate: ({ headers }) =>
        headers.authorization === undefined ? undefined : { subject: 'user-7', roles: [] },
    });
    using nobody = server.connect();
    using reader = server.connect();
    using user = server.connect({ headers: { Authorization: 'Bearer x' } });
    using late = server.connect();
    reader.send({ type: 'subscribe', channel: 'log:a' });
    late.send({ type: 'auth', token: 'x' });
    await nobody.untilClosed();
    await vi.waitUntil(() => [reader, user, late].every(({ pings }) => pings.length > 0), WAIT);

    expect(nobody.closedWith?.code).toBe(3005);
    expect(nobody.frames.at(-1)).toMatchObject({ type: 'close', code: 3005, reconnect: true });
    for (const client of [reader, user, late]) expect(client.closed).toBe(false);
  });
});

describe('a token in the first message', () => {
  it('says who the connection belongs to, before the commands that follow it', async () => {
    await using server = await startWireServer();
    using client = new RawWebSocket({ port: server.port });
    client.send({ type: 'auth', id: 1, token: 'user-7' });
    client.send({ type: 'subscribe', id: 2, channel: 'mine:user-7' });
    await client.until((frame) => frame.type === 'subscribed');

    expect(client.frames.slice(1)).toMatchObject([
      { type: 'authenticated', id: 1, subject: 'user-7' },
      { type: 'subscribed', id: 2 },
    ]);
    expect(server.live.connections()).toMatchObject([{ identity: 'user-7' }]);
  });

  it.each([
    ['expired', 'CREDENTIAL_EXPIRED', 3006],
    ['fault', 'INTERNAL', 3008],
  ])('that is refused ends the connection, which is good for nothing: %s', async (token, code, close) => {
    await using server = await startWireServer({ onError: () => {} });
    using client = new RawWebSocket({ port: server.port });
    client.send({ type: 'auth', id: 1, token });
    client.send({ type: 'subscribe', id: 2, channel: 'mine:user-7' });
    await client.untilClosed();

    expect(client.frames.slice(1)).toMatchObject([
      { type: 'error', id: 1, code },
      { type: 'close', code: close, reconnect: true },
    ]);
    expect(client.closedWith?.code).toBe(close);
  });

  it('that is refused leaves a reader of public channels what it has', async () => {
    await using server = await startWireServer();
    using client = new RawWebSocket({ port: server.port });
    client.send({ type: 'subscribe', channel: 'log:a' });
    client.send({ type: 'auth', token: 'expired' });
    expect(await client.until((frame) => frame.type === 'error')).toMatchObject({ code: 'CREDENTIAL_EXPIRED' });

    await server.live.api.publish({ channel: 'log:a', event: 'e', data: 1 });
    await client.until((frame) => frame.type === 'event');
  });

  it('belongs to nobody where the server knows nobody, and the connection stays', async () => {
    await using server = await start();
    using client = server.connect();
    client.send({ type: 'auth', id: 1, token: 'x' });

    expect(await client.until((frame) => frame.type === 'authenticated')).toEqual({ type: 'authenticated', id: 1 });
  });

  it('reaches authenticate as a header of the upgrade request, with no cookie beside it', async () => {
    const asked: unknown[] = [];
    await using server = await start({
      authenticate: (request) => {
        const { authorization, cookie, host, 'user-agent': agent } = request.headers;
        const raw = request.rawHeaders.filter((text) => /cookie|bearer/i.test(text));
        asked.push({
          authorization,
          cookie,
          host,
          agent,
          raw,
          url: request.url,
          address: request.socket.remoteAddress,
        });
        return { subject: 'user-7', roles: [] };
      },
    });
    const headers = { Cookie: 'session=1', 'User-Agent': 'test', Authorization: 'Basic x' };
    using client = server.connect({ path: '/live/ws?x=1', headers });
    client.send({ type: 'auth', token: 'fresh' });
    await client.until((frame) => frame.type === 'authenticated');
    const subprotocol = `fanfare.v1, bearer.${Buffer.from('offered').toString('base64url')}`;
    using second = server.connect({
      path: '/live/ws?x=1',
      headers: { ...headers, 'Sec-WebSocket-Protocol': subprotocol },
    });
    await second.answered();

    const same = { host: `127.0.0.1:${server.port}`, agent: 'test', url: '/live/ws?x=1', address: '127.0.0.1' };
    const bearer = (token: string) => ({
      authorization: `Bearer ${token}`,
      cookie: undefined,
      raw: [`Bearer ${token}`],
    });
    expect(asked).toEqual([
      { ...same, authorization: 'Basic x', cookie: 'session=1', raw: ['Cookie'] },
      { ...same, ...bearer('fresh') },
      { ...same, ...bearer('offered') },
    ]);
  });
});
