/** Matches and tournaments: event streams, broadcasts, and the facts about them. */
import { once } from 'node:events';
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import {
  API_KEY,
  errorCode,
  login,
  post,
  type Running,
  StreamReader,
  send,
  startScoreboard,
} from './scoreboard-support.ts';

const KEYS: Readonly<Record<string, readonly string[]>> = {
  'score-update': [
    'matchId',
    'team1Score',
    'team2Score',
    'currentSet',
    'team1Name',
    'team2Name',
    'server',
    'timestamp',
  ],
  'set-complete': ['matchId', 'setNumber', 'scores', 'winner', 'duration', 'totalGames', 'nextSetServer', 'timestamp'],
  'match-complete': ['matchId', 'finalScore', 'winner', 'winnerName', 'duration', 'matchStatus', 'timestamp'],
  'status-change': ['matchId', 'status', 'timestamp'],
};

async function tap(running: Running, umpire: Record<string, string>, actions: readonly string[]): Promise<void> {
  for (const action of actions) {
    const answer = await post(`${running.url}/api/court/1234/actions`, { action }, umpire);
    expect(answer.status, action).toBe(200);
  }
}

const GAME = Array.from({ length: 21 }, () => 'pointA');

describe('a match', () => {
  it('is told from the first point to the last on both of its streams, with the exact keys', async () => {
    await using running = await startScoreboard();
    const umpire = await login(running.url, 'umpire');
    using scores = await StreamReader.open(`${running.url}/api/matches/match-1/score-stream`);
    using subscribed = await StreamReader.open(`${running.url}/api/sse/matches/match-1/subscribe`);
    const connected = await subscribed.first('connected');

    await tap(running, umpire, ['pause', 'resume', ...GAME, 'nextGame', ...GAME]);
    await scores.first('match-complete');
    await expect.poll(() => scores.events.length).toBe(3 + 43 + 2 + 1);

    expect(Object.keys(connected.data).sort()).toEqual(['connectionId', 'resource', 'timestamp']);
    expect(connected.data).toMatchObject({ resource: 'match:match-1' });
    for (const { event, data } of scores.events) expect(Object.keys(data)).toEqual(KEYS[event]);
    expect(scores.of('status-change').map(({ data }) => data['status'])).toEqual(['paused', 'live', 'finished']);
    expect(scores.of('set-complete').map(({ data }) => data['totalGames'])).toEqual([
      [1, 0],
      [2, 0],
    ]);
    expect(scores.of('match-complete')[0]?.data).toMatchObject({
      finalScore: {
        games: [2, 0],
        sets: [
          [21, 0],
          [21, 0],
        ],
      },
      winner: 0,
      winnerName: 'Nguyễn Tiến Minh',
      matchStatus: 'finished',
    });
    await expect
      .poll(() => subscribed.events.slice(1).map(({ raw }) => raw))
      .toEqual(scores.events.map(({ raw }) => raw));
  });

  it('that nobody knows is 404 MATCH_NOT_FOUND on each of its paths', async () => {
    await using running = await startScoreboard();

    for (const path of ['/api/matches/none', '/api/matches/none/score-stream', '/api/sse/matches/none/subscribe']) {
      const refused = await fetch(running.url + path);
      expect(refused.status).toBe(404);
      expect(await errorCode(refused)).toBe('MATCH_NOT_FOUND');
    }
    const broadcast = await post(`${running.url}/api/sse/matches/none/score-update`, {}, { 'x-api-key': API_KEY });
    expect(await errorCode(broadcast)).toBe('MATCH_NOT_FOUND');
  });

  it('is broadcast by internal callers only, without touching its state', async () => {
    await using running = await startScoreboard();
    using scores = await StreamReader.open(`${running.url}/api/matches/match-1/score-stream`);
    const broadcast = (headers: Record<string, string>) =>
      post(`${running.url}/api/sse/matches/match-1/score-update`, { team1Score: 5, team2Score: 3, server: 1 }, headers);

    for (const headers of [{}, { 'x-api-key': 'wrong' }, await login(running.url, 'admin')]) {
      const refused = await broadcast(headers);
      expect(refused.status).toBe(401);
      expect(await errorCode(refused)).toBe('API_KEY_INVALID');
    }
    expect((await broadcast({ authorization: `Bearer ${API_KEY}` })).status).toBe(200);

    expect((await scores.first('score-update')).data).toEqual({
      matchId: 'match-1',
      team1Score: 5,
      team2Score: 3,
      currentSet: 1,
      team1Name: 'Nguyễn Tiến Minh',
      team2Name: 'Lê Đức Phát',
      server: 1,
      timestamp: expect.any(Number),
    });
    expect(await (await fetch(`${running.url}/api/matches/match-1`)).json()).toMatchObject({ score: [0, 0] });
  });

  it('is broadcast with its own score of that moment, not with that from when the request began', async () => {
    await using running = await startScoreboard();
    const umpire = await login(running.url, 'umpire');
    using scores = await StreamReader.open(`${running.url}/api/matches/match-1/score-stream`);
    const slow = request(`${running.url}/api/sse/matches/match-1/score-update`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-api-key': API_KEY, expect: '100-continue' },
    });
    // The handler runs: Node sends the 100 and calls it in the same moment.
    slow.flushHeaders();
    await once(slow, 'continue');
    await tap(running, umpire, ['pointA']);

    slow.end('{"team2Score":7}');

    await expect.poll(() => scores.of('score-update').length).toBe(2);
    expect(scores.of('score-update')[1]?.data).toMatchObject({ team1Score: 1, team2Score: 7 });
  });
});

describe('a tournament', () => {
  it('hears of its matches and of what the organiser broadcasts', async () => {
    await using running = await startScoreboard();
    const admin = await login(running.url, 'admin');
    using stream = await StreamReader.open(`${running.url}/api/sse/tournaments/hanoi-open/subscribe`);
    expect((await stream.first('connected')).data).toMatchObject({ resource: 'tournament:hanoi-open' });
    const update = `${running.url}/api/sse/tournaments/hanoi-open/update`;

    await tap(running, admin, ['pointA']);
    const changes = { matchId: 'match-1', status: 'finished', winner: 0, nextMatch: 'match-9' };
    expect((await post(update, { eventType: 'bracket-update', changes }, admin)).status).toBe(200);
    const registration = {
      playerId: 'p1',
      playerName: 'Vũ Thị Anh Thư',
      action: 'registered',
      category: 'WS',
      totalRegistrations: 7,
    };
    expect((await post(update, { event: 'registration-update', ...registration }, admin)).status).toBe(200);

    const stamp = { tournamentId: 'hanoi-open', timestamp: expect.any(Number) };
    expect((await stream.first('match-update')).data).toMatchObject({
      ...stamp,
      matchId: 'match-1',
      score: [1, 0],
      status: 'live',
    });
    expect((await stream.first('tournament-update')).data).toEqual({ ...stamp, eventType: 'bracket-update', changes });
    expect((await stream.first('registration-update')).data).toEqual({ ...stamp, ...registration });
  });

  it('is broadcast to by the organiser only', async () => {
    await using running = await startScoreboard();
    const umpire = await login(running.url, 'umpire');
    const update = `${running.url}/api/sse/tournaments/hanoi-open/update`;

    expect(await errorCode(await post(update, { eventType: 'schedule-change', changes: {} }))).toBe('SESSION_INVALID');
    expect(await errorCode(await post(update, { eventType: 'schedule-change', changes: {} }, umpire))).toBe(
      'FORBIDDEN',
    );
  });
});

describe('the connections', () => {
  it('are counted by kind', async () => {
    await using running = await startScoreboard();
    const readers = await Promise.all(
      [
        '/api/sse/matches/match-1/subscribe',
        '/api/sse/matches/match-2/subscribe',
        '/api/matches/match-2/score-stream',
        '/api/sse/tournaments/t1/subscribe',
        '/api/scoreboard/stream',
      ].map((path) => StreamReader.open(running.url + path)),
    );

    const stats = async () => (await fetch(`${running.url}/api/sse/stats`)).json();
    await expect.poll(stats).toEqual({
      tournamentConnections: 1,
      matchConnections: 3,
      totalConnections: 4,
      tournamentChannels: 1,
      matchChannels: 2,
    });

    for (const reader of readers) reader.close();
    await expect.poll(stats).toEqual({
      tournamentConnections: 0,
      matchConnections: 0,
      totalConnections: 0,
      tournamentChannels: 0,
      matchChannels: 0,
    });
  });

  it('of one resource are listed and closed by the organiser', async () => {
    await using running = await startScoreboard();
    const admin = await login(running.url, 'admin');
    using match = await StreamReader.open(`${running.url}/api/sse/matches/match-1/subscribe`);
    using board = await StreamReader.open(`${running.url}/api/scoreboard/stream`);
    await Promise.all([match.first('connected'), board.first('init')]);

    const list = (await (await send('GET', `${running.url}/api/sse/connections`, { headers: admin })).json()) as {
      items: { channels: string[] }[];
    };
    const closed = await send('DELETE', `${running.url}/api/sse/connections?resource=match:match-1`, {
      headers: admin,
    });

    expect(list.items.map(({ channels }) => channels[0]).sort()).toEqual(['board:main', 'match:match-1']);
    expect(await closed.json()).toEqual({ resource: 'match:match-1', closed: 1 });
    await expect.poll(() => match.ended).toBe(true);
    expect(board.ended).toBe(false);
    expect((await send('GET', `${running.url}/api/sse/connections`)).status).toBe(401);
    expect(await errorCode(await send('DELETE', `${running.url}/api/sse/connections`, { headers: admin }))).toBe(
      'FIELD_MISSING',
    );
  });

  it('do not decide health', async () => {
    await using running = await startScoreboard();

    expect((await fetch(`${running.url}/health`)).status).toBe(200);
  });
});
