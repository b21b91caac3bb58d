/** `@fanfare/client/sse`: what the smaller client has, and what it has not. */
import type { ServerFrame } from '@fanfare/protocol';
import { describe, expect, it } from 'vitest';
import { createClient, type SseClient } from '../src/sse.ts';
import { added, HEARTBEAT_MS, type Shapes, state, subscribed } from './client-harness.ts';
import { FakePlatform, settle } from './fake-platform.ts';

interface Follower {
  readonly client: SseClient<Shapes>;
  readonly platform: FakePlatform;
  /** Every status that was told. */
  readonly statuses: string[];
  /** Answers the newest request: connected, then the frames. */
  accept(...frames: readonly ServerFrame[]): Promise<void>;
}

function follow(): Follower {
  const platform = new FakePlatform();
  const client = createClient<Shapes>({ url: 'http://live.test', platform, onError: () => undefined });
  const statuses: string[] = [];
  client.onConnection(({ status }) => statuses.push(status));
  const accept = async (...frames: readonly ServerFrame[]): Promise<void> => {
    await settle();
    platform.stream.frames({ type: 'connected', connection: 'c', heartbeatMs: HEARTBEAT_MS }, ...frames);
    await settle();
  };
  return { client, platform, statuses, accept };
}

describe('the client with Server-Sent Events alone', () => {
  it('follows, resumes and tells its state as the whole client does', async () => {
    const platform = new FakePlatform();
    const client = createClient<Shapes>({ url: 'http://live.test', platform });
    const seen: number[] = [];
    const board = client.channel('board:1');
    let paints = 0;
    client.channel('log:a').on('added', (data) => seen.push(data));
    board.subscribe(() => {
      paints += 1;
    });
    await settle();
    const connected = { type: 'connected', connection: 'c', heartbeatMs: HEARTBEAT_MS } as const;
    platform.stream.frames(connected, subscribed('log:a', 'e.0'), added('log:a', 1));
    platform.stream.frames(subscribed('board:1', 'f.1'), state('board:1', 7, 1));
    await settle();
    expect(client.connection).toMatchObject({ status: 'live', transport: 'sse' });

    platform.stream.cut();
    await settle();
    await platform.nextRequest();
    await settle();
    platform.stream.frames(connected, subscribed('log:a', 'e.1', true), added('log:a', 2));
    await settle();

    expect([...platform.stream.asked]).toEqual([
      ['log:a', 'e.1'],
      ['board:1', 'e.1'],
    ]);
    expect(seen).toEqual([1, 2]);
    expect(board.value).toEqual({ score: 7 });
    expect(paints).toBeGreaterThan(0);
    client.close();
  });

  it('opens the stream anew for other channels, from where it stands, and stays live to everybody else', async () => {
    const { client, platform, accept, statuses } = follow();
    const seen: number[] = [];
    client.channel('log:a').on('added', (data) => seen.push(data));
    await accept(subscribed('log:a', 'e.0'), added('log:a', 1));

    const off = client.channel('log:b').on('added', (data) => seen.push(data * 100));
    await settle();
    expect([...platform.stream.asked]).toEqual([
      ['log:a', 'e.1'],
      ['log:b', undefined],
    ]);
    expect(platform.openStreams).toBe(1);
    await accept(subscribed('log:a', 'e.1', true), added('log:a', 2), subscribed('log:b', 'e.4'), added('log:b', 5));
    off();
    await accept(subscribed('log:a', 'e.2', true), added('log:a', 3));

    expect(seen).toEqual([1, 2, 500, 3]);
    expect(platform.streams.map(({ channels }) => channels)).toEqual([['log:a'], ['log:a', 'log:b'], ['log:a']]);
    expect(statuses).toEqual(['connecting', 'live']);
    expect(platform.posts).toEqual([]);
  });

  it('asks for what came while a stream is being opened with one more, however much it was', async () => {
    const { client, platform, accept } = follow();
    client.channel('log:a').on('added', () => undefined);
    await settle();
    for (const name of ['log:b', 'log:c', 'log:d'] as const) {
      client.channel(name).on('added', () => undefined);
      await settle();
    }
    expect(platform.streams).toHaveLength(1);

    await accept(subscribed('log:a', 'e.0'));

    expect(platform.streams.map(({ channels }) => channels)).toEqual([['log:a'], ['log:a', 'log:b', 'log:c', 'log:d']]);
  });

  it('does not open a stream for listeners that come and go, or come to a channel that it follows', async () => {
    const { client, platform, accept } = follow();
    client.channel('log:a').on('added', () => undefined);
    await accept(subscribed('log:a', 'e.0'));

    client.channel('log:a').on('added', () => undefined);
    client.channel('log:b').on('added', () => undefined)();
    await settle();

    expect(platform.streams).toHaveLength(1);
  });

  it('goes on without a channel that is refused on the way, live all the while', async () => {
    const { client, platform, accept, statuses } = follow();
    client.channel('log:a').on('added', () => undefined);
    await accept(subscribed('log:a', 'e.0'));
    const error = { code: 'FORBIDDEN', message: 'Not yours.', details: { channel: 'log:secret' } };
    platform.answers.push(() => Response.json({ error }, { status: 403 }));

    client.channel('log:secret').on('added', () => undefined);
    await settle();
    await accept(subscribed('log:a', 'e.0', true));

    expect(client.channel('log:secret').subscription).toMatchObject({ status: 'refused' });
    expect(platform.stream.channels).toEqual(['log:a']);
    expect(statuses).toEqual(['connecting', 'live']);
  });

  it('asks again by itself for a channel that was refused for now', async () => {
    const { client, platform, accept } = follow();
    client.channel('log:a').on('added', () => undefined);
    client.channel('log:b').on('added', () => undefined);
    const later = { code: 'ENGINE_UNAVAILABLE', message: 'Later.', retry: true };
    await accept(subscribed('log:a', 'e.0'), { type: 'error', channel: 'log:b', ...later });

    for (let elapsed = 0; platform.streams.length === 1 && elapsed < 30_000; elapsed += 5000) {
      platform.stream.frames({ type: 'heartbeat', time: 0 });
      await settle();
      platform.advance(5000);
      await settle();
    }
    await accept(subscribed('log:a', 'e.0', true), subscribed('log:b', 'e.0'));

    expect(client.channel('log:b').subscription.status).toBe('subscribed');
    expect(platform.streams).toHaveLength(2);
  });

  it('neither publishes nor loops, and the types say so', () => {
    const client = createClient<Shapes>({ url: 'http://live.test' });
    const handle = client.channel('log:a');

    // @ts-expect-error the whole client publishes
    expect(handle.publish).toBeUndefined();
    // @ts-expect-error the whole client has loops
    expect(handle[Symbol.asyncIterator]).toBeUndefined();
    // @ts-expect-error there is one transport
    createClient({ url: 'http://live.test', transports: ['ws'] });
  });
});
