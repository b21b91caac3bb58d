/** State values, snapshots and async iteration. */
import { describe, expect, it, vi } from 'vitest';
import { added, harness, state, subscribed } from './client-harness.ts';
import { settle } from './fake-platform.ts';

describe('a state channel', () => {
  it('holds the newest value, and the newest of every key', async () => {
    const { client, accept, send } = harness();
    const board = client.channel('board:1');
    board.subscribe(() => undefined);

    await accept(subscribed('board:1', 'e.3'), state('board:1', 5, 1), state('board:1', 6, 2, 'a'));
    await send(state('board:1', 7, 3, 'a'), state('board:1', 8, 4, 'b'));

    expect(board.value).toEqual({ score: 5 });
    expect([...board.values]).toEqual([
      ['', { score: 5 }],
      ['a', { score: 7 }],
      ['b', { score: 8 }],
    ]);
  });

  it('drops a value it has, and an older one', async () => {
    const { client, accept, send } = harness();
    const scores: number[] = [];
    client.channel('board:1').on('state', ({ score }) => scores.push(score));
    await accept(subscribed('board:1', 'e.2'), state('board:1', 2, 2));

    await send(state('board:1', 1, 1), state('board:1', 2, 2), state('board:1', 3, 3));

    expect(scores).toEqual([2, 3]);
  });

  it('has a snapshot that is the same object until something in it changes', async () => {
    const { client, accept, send } = harness();
    const board = client.channel('board:1');
    const changed = vi.fn();
    board.subscribe(changed);
    await accept(subscribed('board:1', 'e.1'), state('board:1', 1, 1));
    const before = board.getSnapshot();
    expect(client.channel('board:1').getSnapshot()).toBe(before);
    expect(board.getSnapshot().values).toBe(before.values);
    changed.mockClear();

    await send({ type: 'heartbeat', time: 1 }, state('board:1', 1, 1));
    expect(board.getSnapshot()).toBe(before);
    expect(changed).not.toHaveBeenCalled();

    await send(state('board:1', 2, 2), state('board:1', 3, 3));
    expect(board.getSnapshot()).not.toBe(before);
    expect(before.value).toEqual({ score: 1 });
    expect(changed).toHaveBeenCalledTimes(1);
  });

  it('forgets values of a history that is gone', async () => {
    const { client, platform, accept } = harness();
    const board = client.channel('board:1');
    board.subscribe(() => undefined);
    await accept(subscribed('board:1', 'e.2'), state('board:1', 1, 1, 'a'), state('board:1', 1, 2, 'b'));
    platform.stream.cut();
    await settle();
    await platform.nextRequest();

    const fresh = { ...state('board:1', 9, 1, 'b'), position: 'f.1' };
    await accept(subscribed('board:1', 'f.1', false, 'epoch'), fresh);

    expect([...board.values]).toEqual([['b', { score: 9 }]]);
  });

  it('gives the same empty snapshot while nobody listens', () => {
    const { client } = harness();

    expect(client.channel('board:1').getSnapshot()).toBe(client.channel('board:2').getSnapshot());
  });
});

describe('async iteration', () => {
  it('yields every event in order, and ends with the client', async () => {
    const { client, accept } = harness();
    const seen: unknown[] = [];
    const done = (async () => {
      for await (const { event, data, position } of client.channel('log:a')) seen.push([event, data, position]);
    })();

    await accept(subscribed('log:a', 'e.0'), added('log:a', 1), added('log:a', 2));
    client.close();
    await done;

    expect(seen).toEqual([
      ['added', 1, 'e.1'],
      ['added', 2, 'e.2'],
    ]);
  });

  it('counts an event as processed when the loop asks for the next', async () => {
    const { client, accept } = harness();
    const channel = client.channel('log:a');
    const loop = channel[Symbol.asyncIterator]();
    await accept(subscribed('log:a', 'e.0'), added('log:a', 1), added('log:a', 2));

    await loop.next();
    const held = channel.position;
    await loop.next();

    expect([held, channel.position]).toEqual(['e.0', 'e.1']);
  });

  it('ceases to listen when the loop is left', async () => {
    const { client, accept } = harness();
    const loop = (async () => {
      for await (const { data } of client.channel('log:a')) return data;
      return undefined;
    })();
    await accept(subscribed('log:a', 'e.0'), added('log:a', 1));

    expect(await loop).toBe(1);
    await settle();
    expect(client.connection.status).toBe('idle');
  });

  it('of a slow loop over a log holds a bounded number and reads the rest again: nothing lost, nothing twice', async () => {
    const { client, platform, accept, send } = harness({ maxQueuedEvents: 3 });
    const channel = client.channel('log:a');
    const handled: number[] = [];
    const looped: unknown[] = [];
    channel.on('added', (data) => handled.push(data));
    const loop = channel[Symbol.asyncIterator]();
    const take = async (count: number): Promise<void> => {
      for (let taken = 0; taken < count; taken += 1) {
        const { value } = await loop.next();
        looped.push(value?.data);
      }
    };
    const from = (first: number, last: number) =>
      Array.from({ length: last - first + 1 }, (_, index) => added('log:a', first + index));

    await accept(subscribed('log:a', 'e.0'), ...from(1, 10));
    await take(3);
    await send(...from(11, 12));
    expect(platform.posts).toHaveLength(0);
    const next = take(4);
    await settle();
    expect(platform.posted).toEqual([
      { type: 'unsubscribe', channel: 'log:a' },
      { type: 'subscribe', channel: 'log:a', position: 'e.3' },
    ]);
    await send(subscribed('log:a', 'e.3', true), ...from(4, 12));
    await next;
    const rest = take(5);
    await settle();
    expect(platform.posted.at(-1)).toEqual({ type: 'subscribe', channel: 'log:a', position: 'e.7' });
    await send(subscribed('log:a', 'e.7', true), ...from(8, 12));
    await settle();
    expect(platform.posted.at(-1)).toEqual({ type: 'subscribe', channel: 'log:a', position: 'e.b' });
    await send(subscribed('log:a', 'e.b', true), ...from(12, 12));
    await rest;

    expect(platform.streams).toHaveLength(1);
    expect(looped).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
    expect(handled).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12]);
  });

  it('of a slow loop over a state keeps the newest of every key', async () => {
    const { client, accept } = harness();
    const loop = client.channel('board:1')[Symbol.asyncIterator]();
    const values = Array.from({ length: 100 }, (_, index) => state('board:1', index, index + 1, index % 2 ? 'a' : 'b'));

    await accept(subscribed('board:1', 'e.1s'), ...values);
    const taken = [await loop.next(), await loop.next()].map(({ value }) => value?.data);

    expect(taken).toEqual([{ score: 98 }, { score: 99 }]);
  });

  it('of a slow loop over a signal drops the oldest', async () => {
    const { client, accept } = harness({ maxQueuedEvents: 2 });
    const loop = client.channel('typing:r')[Symbol.asyncIterator]();

    await accept(
      subscribed('typing:r', ''),
      ...['a', 'b', 'c'].map((data) => ({ type: 'event', channel: 'typing:r', event: 'typing', data }) as const),
    );

    expect([(await loop.next()).value?.data, (await loop.next()).value?.data]).toEqual(['b', 'c']);
  });
});
