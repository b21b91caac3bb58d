/** Which transport the client uses: down the ladder where one does not get through, and up again without losing anything. */
import { describe, expect, it } from 'vitest';
import type { ClientOptions } from '../src/index.ts';
import { added, type Harness, HEARTBEAT_MS, harness, subscribed } from './client-harness.ts';
import { type FakePlatform, type FakeSocket, type FakeStream, settle } from './fake-platform.ts';

const CONNECTED = { type: 'connected', connection: 'c', heartbeatMs: HEARTBEAT_MS } as const;
const TRY_MS = 1200;

interface Ladder extends Harness {
  readonly seen: number[];
  readonly losses: string[];
  readonly statuses: string[];
}

function climber(options: Partial<ClientOptions> = {}): Ladder {
  const made = harness({ transports: ['ws', 'sse', 'poll'], ...options });
  const [seen, losses, statuses]: [number[], string[], string[]] = [[], [], []];
  const channel = made.client.channel('log:a');
  channel.on('added', (data) => seen.push(data));
  channel.onLost(({ cause }) => losses.push(cause));
  made.client.onConnection(({ status, transport }) => statuses.push(`${status} ${transport ?? ''}`.trim()));
  return { ...made, seen, losses, statuses };
}

/** As the server: connected, and what was asked for, each from its position on. */
function welcome(socket: FakeSocket): void {
  socket.open();
  socket.frames(CONNECTED);
  confirm(socket);
}

function confirm(socket: FakeSocket): void {
  for (const { type, id, channel, position } of socket.sent.splice(0)) {
    if (type !== 'subscribe') continue;
    const at = position === undefined ? ['e.0'] : [String(position), true];
    socket.frames({ ...subscribed(String(channel), ...(at as ['e.0'])), id: Number(id) });
  }
}

function poll(stream: FakeStream, events: readonly object[] = [], more: object = {}): Promise<void> {
  const subscriptions = [...stream.asked].map(([channel, position]) =>
    position === undefined ? subscribed(channel, 'e.0') : subscribed(channel, position, true),
  );
  stream.answer({ events, cursor: '', recovered: true, subscriptions, connection: 'p', ...more });
  return settle();
}

function lastPoll({ streams }: FakePlatform): FakeStream {
  const found = streams.findLast(({ url }) => url.pathname.endsWith('/poll'));
  if (found === undefined) throw new Error('Nothing was polled.');
  return found;
}

/** WebSocket and stream blocked; polling in use, and a poll that waits. */
async function polling(options: Partial<ClientOptions> = {}): Promise<Ladder> {
  const made = climber(options);
  const { platform } = made;
  await settle();
  platform.socket.end();
  await settle();
  platform.stream.cut();
  await settle();
  await poll(platform.stream);
  await pause(made);
  return made;
}

/** Between two polls. */
async function pause({ platform }: Harness): Promise<void> {
  platform.advance(100);
  await settle();
}

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

describe('up the ladder', () => {
  it('a WebSocket is tried while polling goes on, and takes over with nothing lost and nothing twice', async () => {
    const { client, platform, seen, losses, statuses } = await polling();
    const waiting = platform.stream;
    platform.advance(1000);
    await settle();
    expect(platform.sockets).toHaveLength(2);
    expect(waiting.aborted).toBe(false);
    platform.socket.open();
    await poll(waiting, [added('log:a', 1), added('log:a', 2)]);
    expect(client.connection.status).toBe('polling');

    platform.socket.frames(CONNECTED);
    confirm(platform.socket);
    platform.socket.frames(added('log:a', 1), added('log:a', 2), added('log:a', 3));
    await settle();

    expect(seen).toEqual([1, 2, 3]);
    expect(losses).toEqual([]);
    expect(client.connection).toMatchObject({ status: 'live', transport: 'ws' });
    expect(client.connection.reason).toBeUndefined();
    expect(statuses.slice(-2)).toEqual(['polling poll', 'live ws']);
    expect(lastPoll(platform).aborted).toBe(true);
  });

  it('a channel that came while the better one was being tried is followed from where it stands', async () => {
    const { client, platform, seen, losses } = await polling();
    platform.advance(1000);
    await settle();
    platform.socket.open();
    const numbers: number[] = [];
    client.channel('log:b').on('added', (data) => numbers.push(data));
    await settle();
    await poll(platform.stream);
    await pause({ platform } as Harness);
    await poll(platform.stream, [added('log:b', 1)]);

    platform.socket.frames(CONNECTED);
    const asked = platform.socket.sent.filter(({ type }) => type === 'subscribe');
    expect(asked.map(({ channel, position }) => [channel, position])).toEqual([
      ['log:a', 'e.0'],
      ['log:b', 'e.1'],
    ]);
    confirm(platform.socket);
    platform.socket.frames(added('log:b', 2), added('log:a', 1));

    expect([seen, numbers, losses]).toEqual([[1], [1, 2], []]);
  });

  it('what does not get through is tried again, ever later, and polling never stops', async () => {
    const { client, platform } = await polling();
    const triedAt: number[] = [];
    let sockets = platform.sockets.length;
    for (let turns = 0; turns < 1200 && triedAt.length < 8; turns += 1) {
      platform.advance(100);
      await settle();
      if (platform.sockets.length > sockets) {
        triedAt.push(platform.now());
        sockets = platform.sockets.length;
        platform.socket.end();
        await settle();
        platform.streams.findLast(({ url }) => url.pathname.endsWith('/sse'))?.cut();
      }
      if (turns % 100 === 0) await poll(lastPoll(platform));
      expect(client.connection.status).toBe('polling');
    }

    const waits = triedAt.map((at, index) => at - (triedAt[index - 1] ?? at)).slice(1);
    expect(waits).toHaveLength(7);
    for (const wait of waits) expect(wait).toBeLessThanOrEqual(12_200);
    expect(waits.at(-1)).toBeGreaterThan((waits[0] ?? 0) * 2);
  });

  it('what worked is remembered for the next visit: it is asked first, and better ones are tried from there', async () => {
    const first = await polling();
    first.platform.advance(11_000);
    await settle();
    await poll(lastPoll(first.platform));
    expect([...first.platform.memory.values()]).toEqual(['poll']);

    const { platform } = harness();
    for (const [key, word] of first.platform.memory) platform.memory.set(key, word);
    const { client } = climber({ platform });
    await settle();
    expect(platform.sockets).toHaveLength(0);
    await poll(platform.stream);
    expect(client.connection).toMatchObject({ status: 'polling', reason: { code: 'LIVE_BLOCKED' } });
    platform.advance(1000);
    await settle();

    expect(platform.sockets).toHaveLength(1);
  });

  it('stops looking when nothing is listened to', async () => {
    const { client, platform } = await polling();

    client.close();
    await settle();
    expect([platform.timers, platform.watchers]).toEqual([0, 0]);
    platform.advance(60_000);
    await settle();

    expect(platform.sockets).toHaveLength(1);
  });
});

describe('the operator’s order', () => {
  it('takes clients down, when the server ends their wire, and up again', async () => {
    const { client, platform, seen, losses } = climber();
    await settle();
    welcome(platform.socket);
    platform.socket.frames(added('log:a', 1), { type: 'transports', transports: ['poll'] });
    expect(client.connection.status).toBe('live');
    platform.socket.frames({ type: 'close', code: 3009, reason: 'the operator switched', reconnect: true });
    await settle();
    expect(platform.stream.asked.get('log:a')).toBe('e.1');
    await poll(platform.stream, [added('log:a', 2)], { transports: ['poll'] });
    expect(client.connection).toMatchObject({ status: 'polling', reason: { code: 'TRANSPORTS_SET' } });
    platform.advance(60_000);
    expect(platform.sockets).toHaveLength(1);

    await settle();
    await poll(platform.stream);
    platform.advance(3000);
    await settle();
    welcome(platform.socket);
    platform.socket.frames(added('log:a', 3));

    expect(client.connection).toMatchObject({ status: 'live', transport: 'ws' });
    expect([seen, losses]).toEqual([[1, 2, 3], []]);
  });

  it('that forbids polling again is heard from the refusal of a poll', async () => {
    const { client, platform } = await polling();
    const error = {
      code: 'TRANSPORT_DISABLED',
      message: 'Not this way.',
      details: { transports: ['ws', 'sse'] },
    };

    platform.stream.answer({ error }, 503);
    await settle();
    expect(client.connection).toMatchObject({ status: 'reconnecting', reason: { code: 'TRANSPORT_DISABLED' } });
    platform.advance(3000);
    await settle();
    welcome(platform.socket);

    expect(client.connection).toMatchObject({ status: 'live', transport: 'ws' });
  });
});
