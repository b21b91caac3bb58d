/** `@fanfare/client/sse`: what the smaller client has, and what it has not. */
import { describe, expect, it } from 'vitest';
import { createClient } from '../src/sse.ts';
import { added, HEARTBEAT_MS, type Shapes, state, subscribed } from './client-harness.ts';
import { FakePlatform, settle } from './fake-platform.ts';

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
