/** A transport that never worked here, while there are others: it is asked for nothing that could make a bad proxy look good. */
import { describe, expect, it } from 'vitest';
import { added, HEARTBEAT_MS, harness, subscribed } from './client-harness.ts';
import { settle } from './fake-platform.ts';

describe('a transport on trial', () => {
  it('is opened without channels, and anew with them once it has greeted', async () => {
    const { client, platform, accept } = harness({ transports: ['sse', 'poll'] });
    const seen: number[] = [];
    client.channel('log:a').on('added', (value) => seen.push(value));
    await settle();
    expect(platform.stream.channels).toEqual([]);
    expect(platform.stream.url.searchParams.get('ids')).toBe('no');

    await accept();
    await settle();
    expect(platform.streams.map(({ aborted, channels }) => [aborted, channels])).toEqual([
      [true, []],
      [false, ['log:a']],
    ]);
    await accept(subscribed('log:a', 'e.0'), added('log:a', 1));
    await settle();

    expect(client.connection).toMatchObject({ status: 'live', transport: 'sse' });
    expect(seen).toEqual([1]);
    expect(platform.posted).toEqual([]);
  });

  it('is none where there is no other to fall back to', async () => {
    const { client, platform } = harness({ transports: ['sse'] });
    client.channel('log:a').on('added', () => undefined);
    await settle();

    expect(platform.stream.channels).toEqual(['log:a']);
  });

  it('follows channels over a stream alone where commands are refused', async () => {
    const { client, platform, accept } = harness({ transports: ['sse'] });
    const seen: number[] = [];
    client.channel('log:a').on('added', (value) => seen.push(value));
    await accept(subscribed('log:a', 'e.1'));
    const refusal = { error: { code: 'ORIGIN_FORBIDDEN', message: 'no' } };
    platform.postAnswers.push(() => Response.json(refusal, { status: 403 }));

    client.channel('log:b').on('added', (value) => seen.push(value));
    await settle();
    await settle();
    expect(platform.stream.url.searchParams.getAll('channel')).toEqual(['log:a@e.1', 'log:b']);
    platform.stream.frames({ type: 'connected', connection: 'c', heartbeatMs: HEARTBEAT_MS });
    platform.stream.frames(subscribed('log:a', 'e.1', true), subscribed('log:b', 'e.4'), added('log:b', 5));
    await settle();
    client.channel('log:c').on('added', (value) => seen.push(value));
    await settle();
    await settle();

    expect(platform.stream.url.searchParams.getAll('channel')).toEqual(['log:a@e.1', 'log:b@e.5', 'log:c']);
    expect(platform.posts).toHaveLength(1);
    expect(seen).toEqual([5]);
  });
});
