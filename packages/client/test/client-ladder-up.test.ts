/** Up the ladder: a client that stands on a lesser wire tries the better ones again, and takes what an operator allows. */
import { describe, expect, it } from 'vitest';
import { added, type Harness, harness } from './client-harness.ts';
import { settle } from './fake-platform.ts';
import { CONNECTED, climber, confirm, lastPoll, pause, poll, polling, welcome } from './ladder-harness.ts';

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
