/** A transport that never worked here, while there are others: it is asked for nothing that could make a bad proxy look good. */
import { describe, expect, it } from 'vitest';
import { added, harness, subscribed } from './client-harness.ts';
import { settle } from './fake-platform.ts';

describe('a transport on trial', () => {
  it('is opened without channels, which are asked for on the open stream once it has greeted', async () => {
    const { client, platform, accept, send } = harness({ transports: ['sse', 'poll'] });
    const seen: number[] = [];
    client.channel('log:a').on('added', (value) => seen.push(value));
    await settle();
    expect(platform.stream.channels).toEqual([]);
    expect(platform.stream.url.searchParams.get('ids')).toBe('no');

    await accept();
    await settle();
    const commands = platform.posted;
    await send(subscribed('log:a', 'e.0'), added('log:a', 1));

    expect(commands).toMatchObject([{ type: 'subscribe', channel: 'log:a' }]);
    expect(client.connection).toMatchObject({ status: 'live', transport: 'sse' });
    expect(seen).toEqual([1]);
  });

  it('is none where there is no other to fall back to', async () => {
    const { client, platform } = harness({ transports: ['sse'] });
    client.channel('log:a').on('added', () => undefined);
    await settle();

    expect(platform.stream.channels).toEqual(['log:a']);
  });
});
