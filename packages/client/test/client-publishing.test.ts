/** Publishing through the client: order, what is sent again, and every way in which it can fail. */
import type { PublishedFrame } from '@fanfare/protocol';
import { describe, expect, it } from 'vitest';
import type { ClientError, ClientOptions } from '../src/index.ts';
import { type Harness, HEARTBEAT_MS, harness, subscribed } from './client-harness.ts';
import { type FakeSocket, settle } from './fake-platform.ts';

/** A client that listens to one channel over a WebSocket. */
async function live(options: Partial<ClientOptions> = {}): Promise<Harness> {
  const made = harness({ transports: ['ws'], ...options });
  made.client.channel('log:a').on('added', () => undefined);
  await settle();
  connect(made.platform.socket);
  return made;
}

function connect(socket: FakeSocket): void {
  socket.open();
  socket.frames({ type: 'connected', connection: 'c', heartbeatMs: HEARTBEAT_MS });
  for (const { type, id, channel } of socket.sent) {
    if (type === 'subscribe') socket.frames({ ...subscribed(String(channel), 'e.0'), id: Number(id) });
  }
}

function publishes(socket: FakeSocket): Record<string, unknown>[] {
  return socket.sent.filter(({ type }) => type === 'publish');
}

function answer({ id }: Record<string, unknown> = {}, offset = 1): PublishedFrame {
  return { type: 'published', id: Number(id), position: `e.${offset}`, duplicate: false, ack: 'committed' };
}

/** How it ended, so far. */
function outcome(receipt: Promise<unknown>): { code?: string; temporary?: boolean; value?: unknown } {
  const told: { code?: string; temporary?: boolean; value?: unknown } = {};
  receipt.then(
    (value) => Object.assign(told, { value }),
    ({ code, temporary }: ClientError) => Object.assign(told, { code, temporary }),
  );
  return told;
}

describe('a publish', () => {
  it('is a command on the open connection, with a key of its own, and resolves with the receipt', async () => {
    const { client, platform } = await live();

    const told = outcome(client.channel('log:a').publish('added', 7));
    await settle();
    expect(publishes(platform.socket)).toEqual([
      { type: 'publish', id: 1, channel: 'log:a', event: 'added', data: 7, idempotencyKey: 'id-1' },
    ]);
    expect(told).toEqual({});
    platform.socket.frames(answer(publishes(platform.socket)[0]));
    await settle();

    expect(told).toEqual({ value: { position: 'e.1', duplicate: false, ack: 'committed' } });
  });

  it('of a value sets it, under the key that is given', async () => {
    const { client, platform } = await live();

    outcome(client.channel('board:1').set({ score: 3 }, { key: 'k', idempotencyKey: 'mine' }));
    await settle();

    expect(publishes(platform.socket)).toEqual([
      {
        type: 'publish',
        id: 1,
        channel: 'board:1',
        event: 'state',
        data: { score: 3 },
        key: 'k',
        idempotencyKey: 'mine',
      },
    ]);
  });

  it('waits for the one before it on its channel, and not for other channels', async () => {
    const { client, platform } = await live();

    for (const data of [1, 2, 3]) outcome(client.channel('log:a').publish('added', data));
    outcome(client.channel('log:b').publish('added', 100));
    await settle();
    const sent = (): unknown[] => publishes(platform.socket).map(({ data }) => data);
    expect(sent()).toEqual([1, 100]);
    platform.socket.frames(answer(publishes(platform.socket)[0]));
    expect(sent()).toEqual([1, 100, 2]);
    platform.socket.frames(answer(publishes(platform.socket)[2]));

    expect(sent()).toEqual([1, 100, 2, 3]);
  });

  it('that was cut is sent again with the same key, before what waits behind it', async () => {
    const { client, platform } = await live();
    const [first, second] = [1, 2].map((data) => outcome(client.channel('log:a').publish('added', data)));
    await settle();

    platform.socket.end();
    await settle();
    platform.advance(15_000);
    await settle();
    connect(platform.socket);
    const [again] = publishes(platform.socket);
    expect(publishes(platform.socket)).toHaveLength(1);
    expect(again).toMatchObject({ data: 1, idempotencyKey: 'id-1' });
    platform.socket.frames({ ...answer(again), duplicate: true });
    platform.socket.frames(answer(publishes(platform.socket)[1], 2));
    await settle();

    expect(platform.sockets.length).toBeGreaterThan(1);
    expect(first?.value).toMatchObject({ duplicate: true });
    expect(second?.value).toMatchObject({ position: 'e.2' });
  });

  it('that got no answer is sent again where other channels are another wire', async () => {
    const { client, platform } = harness({ transports: ['poll'] });
    const answerPoll = async (): Promise<void> => {
      platform.stream.answer({ events: [], subscriptions: [], connection: 'p' });
      await settle();
    };
    client.channel('log:a').on('added', () => undefined);
    await settle();
    await answerPoll();
    platform.postAnswers.push(() => new Promise(() => undefined));
    const told = outcome(client.channel('log:a').publish('added', 1));
    await settle();

    client.channel('log:b').on('added', () => undefined);
    await settle();
    platform.postAnswers.push(({ frames: [frame] }) => Response.json({ frames: [answer(frame)] }));
    await answerPoll();

    expect(platform.posts.map(({ frames }) => frames[0]?.['idempotencyKey'])).toEqual(['id-1', 'id-1']);
    expect(told).toMatchObject({ value: { position: 'e.1' } });
  });

  it('waits while there is no connection', async () => {
    const { client, platform } = await live();
    platform.isOnline = false;
    platform.signal('offline');

    const told = outcome(client.channel('log:a').publish('added', 1));
    platform.advance(10_000);
    await settle();
    expect(told).toEqual({});
    platform.signal('online');
    await settle();
    connect(platform.socket);
    platform.socket.frames(answer(publishes(platform.socket)[0]));
    await settle();

    expect(told.value).toMatchObject({ position: 'e.1' });
  });

  it('that is refused for now is sent again by itself; for good is an error with the code of the server', async () => {
    const { client, platform } = await live();
    const [later, never] = ['log:a', 'log:b'].map((name) =>
      outcome(client.channel(name as 'log:a').publish('added', 1)),
    );
    await settle();

    platform.socket.frames(
      { type: 'error', id: 1, channel: 'log:a', code: 'RATE_LIMITED', message: 'Slower.', retry: true },
      { type: 'error', id: 2, channel: 'log:b', code: 'FORBIDDEN', message: 'Not yours.' },
    );
    await settle();
    expect(never).toEqual({ code: 'FORBIDDEN', temporary: false });
    expect(later).toEqual({});
    platform.advance(250);
    expect(publishes(platform.socket).map(({ id }) => id)).toEqual([1, 2, 1]);
    platform.socket.frames(answer({ id: 1 }));
    await settle();

    expect(later?.value).toMatchObject({ position: 'e.1' });
    expect(client.channel('log:a').subscription.status).toBe('subscribed');
  });

  it('gives up when its time is over, and when its signal says so', async () => {
    const { client, platform } = await live();
    const stop = new AbortController();
    const slow = outcome(client.channel('log:a').publish('added', 1, { timeoutMs: 1000 }));
    const behind = outcome(client.channel('log:a').publish('added', 2, { signal: stop.signal }));
    const late = outcome(client.channel('log:a').publish('added', 3, { signal: AbortSignal.abort() }));
    await settle();

    stop.abort();
    platform.advance(999);
    await settle();
    expect([slow, behind, late]).toEqual([
      {},
      { code: 'ABORTED', temporary: false },
      { code: 'ABORTED', temporary: false },
    ]);
    platform.advance(1);
    await settle();

    expect(slow).toEqual({ code: 'PUBLISH_TIMEOUT', temporary: true });
    expect(publishes(platform.socket).map(({ data }) => data)).toEqual([1]);
  });

  it.each([
    ['reject', [{}, {}, { code: 'QUEUE_FULL', temporary: true }]],
    ['drop-oldest', [{}, { code: 'QUEUE_FULL', temporary: true }, {}]],
  ] as const)('beyond the most that may wait: %s', async (whenFull, expected) => {
    const { client } = await live({ publishing: { maxQueued: 2, whenFull } });

    // The first is on its way: of it nobody knows whether it is stored.
    const told = [1, 2, 3].map((data) => outcome(client.channel('log:a').publish('added', data)));
    await settle();

    expect(told).toEqual(expected);
  });

  it('that no server would take is refused at once, and harms nobody', async () => {
    const { client, platform } = await live();
    const data: { self?: unknown } = {};
    data.self = data;

    const told = [data, 'x'.repeat(64 * 1024)].map((value) =>
      outcome(client.channel('log:a').publish('added', value as unknown as number)),
    );
    await settle();

    expect(told.map(({ code }) => code)).toEqual(['PAYLOAD_INVALID', 'PAYLOAD_INVALID']);
    expect(publishes(platform.socket)).toEqual([]);
    expect(client.connection.status).toBe('live');
  });

  it('ends with the client, sent or not', async () => {
    const { client, platform } = await live();
    const told = [1, 2].map((data) => outcome(client.channel('log:a').publish('added', data)));
    await settle();

    client.close();
    await settle();

    expect(told.map(({ code }) => code)).toEqual(['CLOSED', 'CLOSED']);
    expect(publishes(platform.socket)).toHaveLength(1);
    expect([platform.socket.closed, platform.timers, platform.watchers]).toEqual([true, 0, 0]);
  });
});

describe('a client that only publishes', () => {
  it('connects for it, and leaves a while after the last answer', async () => {
    const { client, platform } = harness({ transports: ['ws'] });
    const told = outcome(client.channel('log:a').publish('added', 1));
    await settle();
    connect(platform.socket);
    expect(platform.socket.sent.map(({ type }) => type)).toEqual(['publish']);
    platform.socket.frames(answer({ id: 1 }));
    await settle();
    expect(told.value).toBeDefined();
    expect(client.connection.status).toBe('live');

    platform.advance(5000);
    await settle();

    expect(client.connection.status).toBe('idle');
    expect([platform.socket.closed, platform.timers, platform.watchers]).toEqual([true, 0, 0]);
  });

  it('is told the verdict on its connection, and may try again', async () => {
    const { client, platform } = harness({ transports: ['ws'] });
    const told = outcome(client.channel('log:a').publish('added', 1));
    await settle();
    platform.socket.open();
    platform.socket.frames(
      { type: 'error', code: 'UNAUTHENTICATED', message: 'Sign in.' },
      { type: 'close', code: 3502, reason: 'unauthenticated', reconnect: false },
    );
    await settle();
    expect(told).toEqual({ code: 'UNAUTHENTICATED', temporary: false });
    expect(client.connection.status).toBe('failed');

    outcome(client.channel('log:a').publish('added', 2));
    await settle();

    expect(platform.sockets).toHaveLength(2);
  });
});
