/** Watchdog, signals and states of a client’s connection, on a fake clock. */
import { describe, expect, it, vi } from 'vitest';
import { createClient } from '../src/index.ts';
import { added, HEARTBEAT_MS, listening, subscribed } from './client-harness.ts';
import { settle } from './fake-platform.ts';

describe('the watchdog', () => {
  it('reconnects after 2.5 heartbeats of silence, and not before', async () => {
    const { client, platform, accept } = listening();
    await accept(subscribed('log:a', 'e.0'));

    platform.advance(2.5 * HEARTBEAT_MS - 1);
    expect(client.connection.status).toBe('live');
    platform.advance(1);

    expect(client.connection).toMatchObject({ status: 'reconnecting', reason: { code: 'HEARTBEAT_LOST' } });
    expect(platform.openStreams).toBe(0);
  });

  it('is content with anything that arrives', async () => {
    const { client, platform, accept } = listening();
    await accept(subscribed('log:a', 'e.0'));

    for (let beat = 0; beat < 20; beat += 1) {
      platform.advance(2 * HEARTBEAT_MS);
      platform.stream.text(': anything\n\n');
      await settle();
    }

    expect(client.connection.status).toBe('live');
    expect(platform.streams).toHaveLength(1);
    expect(platform.timers).toBe(1);
  });

  it('looks at once when a frozen page is seen again', async () => {
    const { client, platform, accept } = listening();
    await accept(subscribed('log:a', 'e.3'));

    platform.freeze(60_000);
    expect(client.connection.status).toBe('live');
    platform.signal('visible');
    await accept(subscribed('log:a', 'e.3', true), added('log:a', 4));

    expect(platform.streams).toHaveLength(2);
    expect(client.connection.status).toBe('live');
    expect(client.channel('log:a').position).toBe('e.4');
  });

  it('gives up an attempt that is not answered', async () => {
    const { client, platform } = listening();
    await settle();

    platform.advance(15_000);

    expect(client.connection).toMatchObject({ status: 'reconnecting', reason: { code: 'CONNECT_TIMEOUT' } });
    expect(platform.openStreams).toBe(0);
  });
});

describe('the connection state', () => {
  it('keeps its identity until something in it changes', async () => {
    const { client, platform, accept, send } = listening();
    await accept(subscribed('log:a', 'e.0'));
    const before = client.connection;

    await send(added('log:a', 1), { type: 'heartbeat', time: 1 });
    platform.advance(1000);

    expect(client.connection).toBe(before);
  });

  it('measures how long the server took to answer', async () => {
    const { client, platform, accept } = listening();
    platform.answers.push((stream) => {
      platform.freeze(42);
      return stream.response;
    });

    await accept();

    expect(client.connection).toEqual({ status: 'live', transport: 'sse', latencyMs: 42 });
  });

  it('is told to listeners that stay, with no more and no less', async () => {
    const { client, platform, accept } = listening();
    const told: string[] = [];
    const off = client.onConnection(({ status: now }) => told.push(now));
    await accept();
    platform.stream.end();
    await settle();
    off();
    await platform.nextRequest();
    await settle();

    expect(told).toEqual(['connecting', 'live', 'reconnecting']);
  });

  it('is told to all in order, even when a listener changes it', async () => {
    const { client, platform, accept } = listening();
    const told: string[] = [];
    client.onConnection(({ status: now, retryAt }) => {
      told.push(`first ${now}${retryAt === undefined ? '' : ' later'}`);
      if (retryAt !== undefined) client.reconnect();
    });
    client.onConnection(({ status: now, retryAt }) =>
      told.push(`second ${now}${retryAt === undefined ? '' : ' later'}`),
    );
    await accept();
    told.length = 0;

    platform.stream.cut();
    await settle();

    expect(told).toEqual([
      'first reconnecting later',
      'second reconnecting later',
      'first reconnecting',
      'second reconnecting',
    ]);
  });

  it('survives an onError that throws', async () => {
    const reported = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const { client, accept } = listening({
      onError: () => {
        throw new Error('mine');
      },
    });
    client.channel('log:a').on('added', () => {
      throw new Error('also mine');
    });

    await accept(subscribed('log:a', 'e.0'), added('log:a', 1), added('log:a', 2));

    expect(client.channel('log:a').position).toBe('e.2');
    expect(reported).toHaveBeenCalledTimes(2);
    reported.mockRestore();
  });

  it('survives a listener that throws', async () => {
    const { client, errors, accept } = listening();
    client.onConnection(() => {
      throw new Error('mine');
    });

    await accept();

    expect(client.connection.status).toBe('live');
    expect(errors.map(({ code }) => code)).toEqual(['HANDLER_FAILED', 'HANDLER_FAILED']);
  });
});

describe('a client', () => {
  it('leaves nothing behind when it is closed, and can be used again', async () => {
    const { client, platform, accept } = listening();
    const seen: number[] = [];
    await accept(subscribed('log:a', 'e.0'));

    client.close();
    await settle();
    expect([platform.openStreams, platform.timers, platform.watchers]).toEqual([0, 0, 0]);
    expect(client.connection.status).toBe('idle');

    client.channel('log:a').on('added', (data) => seen.push(data));
    await accept(subscribed('log:a', 'e.7'), added('log:a', 8));
    expect(seen).toEqual([8]);
  });

  it('reports a frame it cannot read, and goes on', async () => {
    const { client, platform, errors, accept, send } = listening();
    await accept(subscribed('log:a', 'e.0'));

    platform.stream.text('data: {"type":"from the future"}\n\ndata: not json\n\n');
    await send(added('log:a', 1));

    expect(errors.map(({ code }) => code)).toEqual(['FRAME_INVALID', 'FRAME_INVALID']);
    expect(client.channel('log:a').position).toBe('e.1');
  });

  it('drops a stream whose block outgrows every bound', async () => {
    const { client, platform, accept } = listening();
    await accept();

    platform.stream.text(`data: ${'x'.repeat(2 ** 20 + 1)}`);
    await settle();

    expect(client.connection.status).toBe('reconnecting');
    expect(platform.openStreams).toBe(0);
  });

  it('keeps the path that the server is mounted under', async () => {
    const { platform, accept } = listening({ url: 'https://app.test/live-server' });

    await accept();

    expect(platform.stream.url.href).toBe('https://app.test/live-server/live/sse?ids=no&channel=log%3Aa');
  });

  it('outside a page needs to know where the server is', () => {
    expect(() => createClient()).toThrow(TypeError);
  });

  it('ignores what an old stream still had to say', async () => {
    const { client, platform, accept } = listening();
    const seen: number[] = [];
    client.channel('log:a').on('added', (data) => {
      seen.push(data);
      client.close();
    });
    await accept(subscribed('log:a', 'e.0'), added('log:a', 1), added('log:a', 2));

    expect(seen).toEqual([1]);
    expect(platform.openStreams).toBe(0);
  });
});
