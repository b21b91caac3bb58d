/** Which transport the client uses: down the ladder where one does not get through, and up again without losing anything. */
import { describe, expect, it } from 'vitest';
import { HEARTBEAT_MS, harness, subscribed } from './client-harness.ts';
import { settle } from './fake-platform.ts';
import { climber, poll, polling, TRY_MS, welcome } from './ladder-harness.ts';

describe('down the ladder', () => {
  it('what does not open is left for the next at once, down to polling', async () => {
    const { client, platform, statuses } = await polling();

    expect(platform.sockets.map(({ url }) => url.href)).toEqual(['ws://live.test/live/ws']);
    expect(platform.streams.map(({ url }) => url.pathname.slice(6))).toEqual(['sse', 'poll', 'poll']);
    expect(platform.now()).toBeLessThan(TRY_MS);
    expect(client.connection).toMatchObject({
      status: 'polling',
      transport: 'poll',
      reason: { code: 'LIVE_BLOCKED' },
    });
    expect(statuses[0]).toBe('connecting');
    expect(statuses.at(-1)).toBe('polling poll');
  });

  it('what swallows everything is left after a moment', async () => {
    const { client, platform } = climber();
    await settle();

    platform.advance(TRY_MS);
    await settle();
    expect(platform.socket.closed).toBe(true);
    expect(platform.stream.url.pathname).toBe('/live/sse');
    platform.advance(TRY_MS);
    await settle();
    await poll(platform.stream);

    expect(client.connection).toMatchObject({ status: 'polling', transport: 'poll' });
    expect(platform.now()).toBe(2 * TRY_MS);
  });

  it('one that opens and passes nothing on is left, too', async () => {
    const { client, platform, accept } = climber();
    await settle();
    platform.socket.open();
    platform.advance(TRY_MS);
    await accept(subscribed('log:a', 'e.0'));

    expect(client.connection).toMatchObject({ status: 'live', transport: 'sse', reason: { code: 'LIVE_BLOCKED' } });
  });

  it.each([1000, 1002, 1008, 1009])('a close with %i before the server spoke is no verdict', async (code) => {
    const { client, platform, accept } = climber();
    await settle();
    platform.socket.open();
    platform.socket.end(code);
    await accept(subscribed('log:a', 'e.0'));

    expect(client.connection).toMatchObject({ status: 'live', transport: 'sse' });
  });

  it('a platform without WebSocket begins with the next', async () => {
    const { platform } = harness();
    climber({ platform: Object.assign(platform, { webSocket: undefined }) });
    await settle();

    expect(platform.sockets).toHaveLength(0);
    expect(platform.stream.url.pathname).toBe('/live/sse');
  });

  it('when nothing gets through, it waits and begins again with the best', async () => {
    const { client, platform } = climber();
    await settle();
    platform.socket.end();
    await settle();
    platform.stream.cut();
    await settle();
    platform.stream.answer({}, 503);
    await settle();
    expect(client.connection).toMatchObject({ status: 'reconnecting', reason: { code: 'HTTP_503' } });
    expect(client.connection.retryAt).toBeGreaterThan(platform.wallTime());
    const before = platform.sockets.length;

    platform.advance(1000);
    await settle();

    expect(platform.sockets.length).toBe(before + 1);
  });

  it('one that worked is forgiven a failure, and left after the second', async () => {
    const { client, platform, accept } = climber();
    platform.chance = 0;
    await settle();
    welcome(platform.socket);
    platform.advance(10_000);
    platform.socket.frames({ type: 'heartbeat', time: 0 });
    platform.socket.end();
    await settle();
    platform.advance(1000);
    await settle();
    platform.socket.end();
    await settle();
    expect(client.connection.status).toBe('reconnecting');
    expect([platform.sockets.length, platform.streams.length]).toEqual([2, 0]);

    platform.advance(2000);
    await settle();
    platform.socket.end();
    await accept(subscribed('log:a', 'e.0', true));

    expect(platform.sockets).toHaveLength(3);
    expect(client.connection).toMatchObject({ status: 'live', transport: 'sse' });
  });

  it('one that broke is tried again no sooner than the server asked when it opened', async () => {
    const { client, platform } = climber();
    await settle();
    platform.chance = 0;
    platform.socket.open();
    platform.socket.frames({ type: 'connected', connection: 'c', heartbeatMs: HEARTBEAT_MS, retryMs: 4000 });
    await settle();
    platform.socket.end();
    await settle();

    expect(client.connection.retryAt).toBe(platform.wallTime() + 4000);
  });

  it('one that breaks off after moments is left the second time', async () => {
    const { client, platform, accept } = climber();
    platform.chance = 0;
    await settle();
    for (let lives = 0; lives < 2; lives += 1) {
      welcome(platform.socket);
      platform.advance(100);
      platform.socket.end();
      await settle();
      platform.advance(1);
      await settle();
    }
    await accept(subscribed('log:a', 'e.0', true));

    expect(platform.sockets).toHaveLength(2);
    expect(client.connection).toMatchObject({ transport: 'sse', reason: { code: 'SHORT_LIVED' } });
  });

  it('a token that cannot be had speaks against no transport', async () => {
    let isDown = true;
    const token = () => (isDown ? Promise.reject(new Error('login is down')) : 'secret');
    const { client, platform, errors } = climber({ token });
    await settle();
    expect(client.connection).toMatchObject({ status: 'reconnecting', reason: { code: 'TOKEN_FAILED' } });
    expect(errors).toHaveLength(1);

    isDown = false;
    platform.advance(1000);
    await settle();
    welcome(platform.socket);

    expect(platform.streams).toHaveLength(0);
    expect(client.connection).toMatchObject({ status: 'live', transport: 'ws' });
  });
});
