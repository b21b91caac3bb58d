/** A poll that waits: what wakes it, how long it is held, and that nothing of it is left when its client hangs up [§15.4]. */
import { describe, expect, it, vi } from 'vitest';
import { type Clock, type Identity, systemClock } from '../../src/index.ts';
import { channels, expectNothingOpen, RawClient, startLive, startWith } from './live-fixture.ts';
import { poll, refusal, untilWaiting } from './poll-fixture.ts';

// Side by side: most of it is waiting.
describe.concurrent('a waiting poll', () => {
  it('is answered with the first events that come, all of those that came together', async () => {
    await using running = await startLive();
    const query = 'channel=log:a&channel=state:a';
    const first = await poll(running, query);

    const waiting = poll(running, `${query}&cursor=${first.cursor}&wait=20`);
    await untilWaiting(running.live);
    await Promise.all([
      running.live.channel('log:a').publish('n', 1),
      running.live.channel('log:a').publish('n', 2),
      running.live.channel('state:a').set('v'),
    ]);
    const second = await waiting;
    await running.live.channel('log:a').publish('n', 3);
    const third = await poll(running, `${query}&cursor=${second.cursor}&wait=20`);

    expect([...second.data].sort()).toEqual([1, 2, 'v']);
    expect(third.data).toEqual([3]);
    await expectNothingOpen(running);
  });

  it('is answered at once with what stood waiting', async () => {
    await using running = await startLive();
    const { cursor } = await poll(running, 'channel=log:a');
    await running.live.channel('log:a').publish('n', 1);

    expect((await poll(running, `channel=log:a&cursor=${cursor}&wait=25`)).data).toEqual([1]);
  });

  it('begins with the first event where it presents nothing', async () => {
    await using running = await startLive();

    const waiting = poll(running, 'channel=log:a&wait=20');
    await untilWaiting(running.live);
    await running.live.channel('log:a').publish('n', 1);

    expect(await waiting).toMatchObject({ data: [1], recovered: true });
  });

  it('gets the signals that are published meanwhile', async () => {
    await using running = await startLive();

    const waiting = poll(running, 'channel=signal:a&wait=20');
    await untilWaiting(running.live);
    await running.live.channel('signal:a').publish('typing', { who: 'me' });
    const answer = await waiting;

    expect(answer).toMatchObject({ data: [{ who: 'me' }], cursor: '', recovered: true });
    expect(answer.events[0]).not.toHaveProperty('position');
  });

  it('reads no channel where its client only commands, and says so by waiting', async () => {
    await using running = await startLive();
    const { connection } = await poll(running, 'wait=0');

    const waiting = poll(running, `wait=0.5&connection=${connection}`);
    await vi.waitUntil(() => running.live.connections().some(({ id }) => id === connection));

    expect(await waiting).toMatchObject({ status: 200, events: [], cursor: '', subscriptions: [], connection });
    await expectNothingOpen(running);
  });

  it.each([
    ['0.3', 300],
    ['1', 1000],
  ])('is held for %s seconds, and answered within the next', async (wait, leastMs) => {
    await using running = await startLive();
    const { cursor } = await poll(running, 'channel=log:a');
    const startedAt = performance.now();

    const answer = await poll(running, `channel=log:a&cursor=${cursor}&wait=${wait}`);

    expect(answer).toMatchObject({ status: 200, events: [], cursor, recovered: true });
    // The two clocks differ by fractions of a millisecond.
    expect(performance.now() - startedAt).toBeGreaterThan(leastMs - 5);
    await expectNothingOpen(running);
  });

  it('is held for 25 seconds at most, and has no timer of its own', async () => {
    const timers = new Set<object>();
    const delays: number[] = [];
    const clock: Clock = {
      ...{ now: () => systemClock.now() * SPEED, wallTime: () => systemClock.wallTime() },
      afterTurn: (task) => systemClock.afterTurn(task),
      after: (delayMs, task) => {
        const timer = {};
        timers.add(timer);
        const cancel = systemClock.after(delayMs / SPEED, () => {
          timers.delete(timer);
          task();
        });
        return () => {
          timers.delete(timer);
          cancel();
        };
      },
    };
    await using running = await startLive({ clock });

    const startedAt = clock.now();
    const waiting = Array.from({ length: 20 }, () =>
      poll(running, 'channel=log:a&wait=3600').then(() => delays.push(clock.now() - startedAt)),
    );
    await untilWaiting(running.live, 20);
    expect(timers.size).toBeLessThanOrEqual(2);
    await Promise.all(waiting);

    expect(Math.min(...delays)).toBeGreaterThanOrEqual(25_000);
  });

  it('of hundreds gets what one publish brings', { timeout: 60_000 }, async () => {
    const many = { ...channels, 'log:{id}': { ...channels['log:{id}'], maxSubscribers: 2000 } };
    await using running = await startWith({ channels: many });
    const clients: RawClient[] = [];
    // In portions: a kernel lets only so many wait to be accepted.
    while (clients.length < 400) {
      for (let n = 0; n < 100; n += 1) clients.push(RawClient.get(running.port, '/live/poll?channel=log:a&wait=25'));
      await vi.waitUntil(() => running.live.stats().subscriptions === clients.length, { timeout: 20_000 });
    }

    await running.live.channel('log:a').publish('n', 'for all');
    await vi.waitUntil(() => clients.every((client) => client.body.includes('for all')), { timeout: 20_000 });

    expect(running.live.stats()).toMatchObject({ connections: 0, subscriptions: 0, delivered: 400 });
    for (const client of clients) client.socket.destroy();
  });
});

/** How much faster than ours the time of a test goes. */
const SPEED = 4;

describe('a client that hangs up', () => {
  it.each([
    ['by a reset', (client: RawClient) => client.socket.resetAndDestroy()],
    ['by closing', (client: RawClient) => client.socket.destroy()],
    ['by half-closing', (client: RawClient) => client.socket.end()],
  ])('frees everything at once: %s', async (_, hangUp) => {
    await using running = await startLive();
    using client = RawClient.get(running.port, '/live/poll?channel=small:a&wait=25');
    await untilWaiting(running.live);

    hangUp(client);
    await expectNothingOpen(running);

    expect((await poll(running, 'channel=small:a')).status).toBe(200);
  });

  it('frees the polls that it has sent behind the first one too, and makes no listener leak of them', async () => {
    const warnings: string[] = [];
    const hear = (warning: Error): void => void warnings.push(warning.name);
    process.on('warning', hear);
    await using running = await startLive();
    using client = new RawClient(running.port);
    const request = 'GET /live/poll?channel=log:a&wait=25 HTTP/1.1\r\nHost: localhost\r\n\r\n';
    client.send(request.repeat(30));
    await untilWaiting(running.live, 30);

    client.socket.destroy();
    await expectNothingOpen(running);

    process.off('warning', hear);
    expect(warnings).toEqual([]);
  });

  it('while its access is asked leaves nothing to hang about', async () => {
    let answer = (): void => {};
    const asked = new Promise<void>((resolve) => {
      answer = resolve;
    });
    let asks = 0;
    const authenticate = async (): Promise<Identity | undefined> => {
      asks += 1;
      await asked;
      return undefined;
    };
    await using running = await startLive({ authenticate });
    using client = RawClient.get(running.port, '/live/poll?channel=log:a&wait=25');
    await vi.waitUntil(() => asks === 1);
    const opened = vi.fn();
    running.live.observe(opened);

    client.socket.destroy();
    await expectNothingOpen(running);
    answer();
    await new Promise((resolve) => setImmediate(resolve));

    expect(opened).not.toHaveBeenCalled();
  });
});

describe('the id of a connection', () => {
  it('stays that of the client that presents it', async () => {
    await using running = await startLive();
    const { connection } = await poll(running, 'channel=log:a');

    const waiting = poll(running, `channel=log:a&wait=20&connection=${connection}`);
    await untilWaiting(running.live);
    expect(running.live.connections()).toMatchObject([{ id: connection, label: 'poll', channels: ['log:a'] }]);
    await running.live.channel('log:a').publish('n', 1);

    expect((await waiting).connection).toBe(connection);
  });

  it('ends the poll before: its client has given it up, perhaps on a wire that is dead', async () => {
    await using running = await startLive();
    const { connection, cursor } = await poll(running, 'channel=small:a');
    const query = `channel=small:a&cursor=${cursor}&connection=${connection}`;

    const before = poll(running, `${query}&wait=25`);
    await untilWaiting(running.live);
    const after = await poll(running, query);

    expect(after).toMatchObject({ status: 200, connection });
    expect(await before).toMatchObject({ status: 200, events: [], cursor });
  });

  it("is nobody else's: who presents the one of a stream, or of another user, gets a fresh one", async () => {
    const authenticate = ({ headers }: { headers: Record<string, unknown> }): Identity | undefined =>
      typeof headers['authorization'] === 'string' ? { subject: headers['authorization'], roles: [] } : undefined;
    await using running = await startLive({ authenticate });
    using stream = RawClient.get(running.port, '/live/sse?channel=log:a');
    const [connected] = await stream.until('connected');
    const { connection: streams } = JSON.parse(connected?.data ?? '');
    const { connection } = await poll(running, 'channel=log:a');
    const waiting = poll(running, `channel=log:a&wait=20&connection=${connection}`);
    await untilWaiting(running.live);

    const other = await poll(running, `channel=log:a&connection=${connection}`, {
      headers: { Authorization: 'other' },
    });
    const thief = await poll(running, `channel=log:a&connection=${streams}`);

    expect(other.connection).not.toBe(connection);
    expect(thief.connection).not.toBe(streams);
    expect(running.live.connections()).toHaveLength(2);
    await running.live.channel('log:a').publish('n', 1);
    expect(await waiting).toMatchObject({ connection, data: [1] });
    await stream.until('n');
  });
});

describe('a server that ends a waiting poll', () => {
  it('to leave says 503 DRAINING and when to come back, each at its own time', async () => {
    await using running = await startLive();
    const waiting = Array.from({ length: 20 }, () => poll(running, 'channel=log:a&wait=25'));
    await untilWaiting(running.live, 20);

    await running.live.drain({ overMs: 200 });
    const answers = await Promise.all(waiting);

    for (const answer of answers) {
      expect(refusal(answer)).toEqual({ status: 503, code: 'DRAINING' });
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    }
    expect(new Set(answers.map(({ error }) => error?.details?.['retryMs'])).size).toBeGreaterThan(10);
    expect(refusal(await poll(running, 'channel=log:a'))).toEqual({ status: 503, code: 'DRAINING' });
  });

  it.each([
    ['disconnectedByOperator', 403, 'FORBIDDEN', 3507],
    ['revoked', 401, 'CREDENTIAL_REVOKED', 3508],
    ['unauthenticated', 401, 'UNAUTHENTICATED', 3502],
    ['credentialExpired', 401, 'CREDENTIAL_EXPIRED', 3006],
  ] as const)('for good says so with a status: %s', async (close, status, code, number) => {
    await using running = await startLive();
    const waiting = poll(running, 'channel=log:a&wait=25');
    await untilWaiting(running.live);

    running.live.disconnect(() => true, close);
    const answer = await waiting;

    expect(refusal(answer)).toEqual({ status, code });
    expect(answer.error?.details).toEqual({ close: number });
  });

  it.each(['engineUnavailable', 'internal', 'overloaded'] as const)('for now says 5xx: %s', async (close) => {
    await using running = await startLive();
    const waiting = poll(running, 'channel=log:a&wait=25');
    await untilWaiting(running.live);

    running.live.disconnect(() => true, close);

    expect((await waiting).status).toBeGreaterThanOrEqual(500);
  });
});
