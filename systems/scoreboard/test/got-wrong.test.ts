/** "What all five got wrong, and we must show to be right": the points that are the scoreboard's, by their numbers. */

import { createClient } from '@fanfare/client';
import { FakeClock, openStreamOn, untilOn } from '@fanfare/testkit';
import { createScoreboard, MAX_WATCHERS, type ScoreboardShapes } from '@fanfare-systems/scoreboard';
import { sqlite } from 'fanfare';
import { describe, expect, it, vi } from 'vitest';
import { login, post, type Running, StreamReader, snapshotAt, startScoreboard } from './scoreboard-support.ts';

describe('1. a throttle that drops', () => {
  it('ours delivers at most 21 of 10 000 updates in one second, and always the last', async () => {
    const clock = new FakeClock();
    await using running = await startScoreboard({ clock });
    const snapshot = await snapshotAt(`${running.url}/api/court/1234`);
    using court = await openStreamOn(clock, `${running.url}/api/court/1234/stream`);
    await untilOn(clock, () => court.of('init').length === 1);

    const channel = running.live.channel('court:1234');
    for (let ms = 0; ms < 1000; ms += 1) {
      await Promise.all(Array.from({ length: 10 }, (_, n) => channel.set({ ...snapshot, version: ms * 10 + n + 1 })));
      await clock.advance(1);
    }
    await clock.advance(200);
    await untilOn(clock, () => court.events.at(-1)?.data['version'] === 10_000);

    expect(court.of('update').length).toBeLessThanOrEqual(21);
    expect(court.of('update').length).toBeGreaterThanOrEqual(19);
  });
});

describe('3. events sent during a reconnect are lost', () => {
  it('ours are replayed from the last id seen: no gap, no duplicate', async () => {
    await using running = await startScoreboard();
    const umpire = await login(running.url, 'umpire');
    const path = `${running.url}/api/sse/matches/match-1/subscribe`;
    const seen: unknown[] = [];
    let lastId = '';

    for (let tap = 1; tap <= 40; tap += 1) {
      using reader = await StreamReader.open(path, lastId === '' ? {} : { 'last-event-id': lastId });
      await reader.first('connected');
      await expect.poll(() => reader.lastId).not.toBe('');
      if (lastId === '') lastId = reader.lastId;
      const action = tap % 2 === 0 ? 'pointB' : 'pointA';
      expect((await post(`${running.url}/api/court/1234/actions`, { action }, umpire)).status).toBe(200);
      if (tap % 3 !== 0) continue;
      await expect.poll(() => seen.length + reader.of('score-update').length).toBe(tap);
      seen.push(...reader.of('score-update').map(({ data }) => data['team1Score']));
      lastId = reader.lastId;
    }

    using last = await StreamReader.open(path, { 'last-event-id': lastId });
    await expect.poll(() => seen.length + last.of('score-update').length).toBe(40);
    seen.push(...last.of('score-update').map(({ data }) => data['team1Score']));
    expect(seen).toEqual(Array.from({ length: 40 }, (_, index) => Math.ceil((index + 1) / 2)));
  });

  it('also across the 5 minutes after which the server ends the stream of a court', async () => {
    const clock = new FakeClock();
    await using running = await startScoreboard({ clock });
    using court = await openStreamOn(clock, `${running.url}/api/court/1234/stream`);
    using board = await openStreamOn(clock, `${running.url}/api/scoreboard/stream`);
    await untilOn(clock, () => court.of('init').length === 1 && board.of('init').length === 1);

    await clock.advance(299_000);
    expect(court.ended).toBe(false);
    await clock.advance(2000);
    await untilOn(clock, () => court.ended);
    const snapshot = await snapshotAt(`${running.url}/api/court/1234`);
    await running.live.channel('court:1234').set({ ...snapshot, score: [7, 0] });
    using resumed = await openStreamOn(clock, `${running.url}/api/court/1234/stream`);
    await untilOn(clock, () => resumed.of('init').length === 1);

    expect(resumed.of('init')[0]?.data).toMatchObject({ score: [7, 0] });
    expect(court.retryMs).toBeGreaterThanOrEqual(1000);
    await clock.advance(3_600_000);
    expect(board.ended).toBe(false);
  });
});

describe('4. a heartbeat with empty data is invisible', () => {
  it('ours carry data, on every kind of stream', async () => {
    const clock = new FakeClock();
    await using running = await startScoreboard({ clock });
    using board = await openStreamOn(clock, `${running.url}/api/scoreboard/stream`);
    using court = await openStreamOn(clock, `${running.url}/api/court/1234/stream`);
    using match = await openStreamOn(clock, `${running.url}/api/matches/match-1/score-stream`);
    using tournament = await openStreamOn(clock, `${running.url}/api/sse/tournaments/t1/subscribe`);

    await clock.advance(31_000);
    await untilOn(clock, () => board.of('ping').length > 0 && court.of('ping').length > 0);
    await untilOn(clock, () => match.of('heartbeat').length > 0 && tournament.of('heartbeat').length > 0);

    for (const stream of [board, court]) expect(stream.of('ping')[0]?.data).toEqual({ timestamp: expect.any(Number) });
    for (const stream of [match, tournament]) {
      const { serverTime, ...rest } = stream.of('heartbeat')[0]?.data ?? {};
      expect(new Date(String(serverTime)).toISOString()).toBe(serverTime);
      expect(rest).toEqual({ activeConnections: 1, timestamp: expect.any(Number) });
    }
    expect(board.of('ping')).toHaveLength(1);
    expect(tournament.of('heartbeat').length).toBeGreaterThanOrEqual(2);
  });
});

describe('11. the server emits set-complete, the client listens for set-update', () => {
  it('ours does not compile', async () => {
    await using running = await startScoreboard();
    const client = createClient<ScoreboardShapes>({ url: running.url });
    const match = client.channel('match:match-1');

    match.on('set-complete', ({ setNumber, winner }) => [setNumber, winner]);
    // @ts-expect-error: the channel declares no event of this name.
    match.on('set-update', () => undefined);
    // @ts-expect-error: nor may the server publish it.
    const publish = () => running.live.channel('match:match-1').publish('set-update', {});

    await expect(publish()).rejects.toMatchObject({ code: 'EVENT_UNKNOWN' });
    client.close();
  });
});

describe('14. a payload cache keyed by the time of day', () => {
  async function stringifiedByOneTap(running: Running, watchers: number): Promise<number> {
    const umpire = await login(running.url, 'umpire');
    const open = Array.from({ length: watchers }, () => StreamReader.open(`${running.url}/api/court/1234/stream`));
    const readers = await Promise.all(open);
    await Promise.all(readers.map((reader) => reader.first('init')));
    const spy = vi.spyOn(JSON, 'stringify');

    await post(`${running.url}/api/court/1234/actions`, { action: 'pointA' }, umpire);
    await Promise.all(readers.map((reader) => reader.first('update')));

    const snapshots = spy.mock.calls.filter(
      ([value]) => typeof value === 'object' && value !== null && 'pinCode' in value,
    );
    spy.mockRestore();
    expect(new Set(readers.map((reader) => reader.of('update')[0]?.raw)).size).toBe(1);
    for (const reader of readers) reader.close();
    return snapshots.length;
  }

  it('ours serialises a state once for all who watch it', async () => {
    await using running = await startScoreboard();

    const alone = await stringifiedByOneTap(running, 1);
    const crowded = await stringifiedByOneTap(running, 40);

    // Once for the channel, once for the answer to the umpire.
    expect(alone).toBe(2);
    expect(crowded).toBe(2);
  });
});

describe('more watchers than a resource may have', () => {
  it('are told in-band, with 200, when to come back', async () => {
    await using running = await startScoreboard({ maxWatchers: 2 });
    const paths = [
      '/api/court/1234/stream',
      '/api/scoreboard/stream',
      '/api/matches/match-1/score-stream',
      '/api/sse/tournaments/t1/subscribe',
    ];
    for (const path of paths) {
      using _first = await StreamReader.open(running.url + path);
      using _second = await StreamReader.open(running.url + path);
      using third = await StreamReader.open(running.url + path);

      const error = await third.first('error');

      expect(third.response?.status).toBe(200);
      expect(Object.keys(error.data)).toEqual(['errorCode', 'message', 'details', 'retry', 'timestamp']);
      expect(error.data).toMatchObject({ errorCode: 'TOO_MANY_CONNECTIONS', retry: true });
      await expect.poll(() => third.ended).toBe(true);
      expect(third.retryMs).toBeGreaterThanOrEqual(1000);
    }
  });

  it('are more than 1000 where nobody says otherwise', () => {
    const engine = sqlite(':memory:');
    const { channels } = createScoreboard({ database: engine.database, accounts: { authenticate: () => undefined } });

    expect(MAX_WATCHERS).toBe(1000);
    expect(Object.values(channels).map(({ maxSubscribers }) => maxSubscribers)).toEqual([1000, 1000, 1000, 1000]);
    expect([channels['board:{id}'].minIntervalMs, channels['court:{pin}'].minIntervalMs]).toEqual([50, 50]);
  });
});
