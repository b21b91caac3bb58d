/** The pure parts of the pages: addresses, what a snapshot means and how fresh a board is. */
import type { ConnectionState, SubscriptionState } from '@fanfare/client';
import type { Snapshot } from '@fanfare-systems/scoreboard/rules';
import { describe, expect, it } from 'vitest';
import { freshness } from '../web/freshness.ts';
import {
  atStake,
  earlierGames,
  momentOf,
  nameOf,
  scoreFor,
  sidesAtCourt,
  spokenScore,
  toneOf,
} from '../web/match-view.ts';
import { routeOf } from '../web/route.ts';
import { commandsOf } from '../web/umpire/commands.ts';
import { words } from '../web/words.ts';

const live: Snapshot = {
  score: [12, 10],
  games: [1, 0],
  gameNumber: 2,
  server: 0,
  names: ['Nguyễn', 'Trần'],
  bestOf: 3,
  gameScores: [[21, 18]],
  matchStatus: 'live',
};

describe('an address', () => {
  it.each([
    ['/scoreboard', { page: 'boards' }],
    ['/scoreboard/', { page: 'boards' }],
    ['/court/1234', { page: 'court', pin: '1234' }],
    ['/court/1234/display', { page: 'display', pin: '1234' }],
    ['/court/1234/umpire/', { page: 'umpire', pin: '1234' }],
    ['/court/', { page: 'unknown' }],
    ['/court/12%2034', { page: 'unknown' }],
    ['/court/1234/organiser', { page: 'unknown' }],
    ['/', { page: 'unknown' }],
  ] as const)('%s is %j', (path, route) => {
    expect(routeOf(path)).toEqual(route);
  });
});

describe('what is at stake', () => {
  it.each([
    ['nothing in the middle of a game', { score: [12, 10] }, undefined],
    ['the match at 20-10 with a game won', { score: [20, 10] }, { side: 0, what: 'match' }],
    ['the game for the other side', { score: [10, 20] }, { side: 1, what: 'game' }],
    ['nothing at 20-all', { score: [20, 20] }, undefined],
    ['the match at 21-20', { score: [21, 20] }, { side: 0, what: 'match' }],
    ['both at 29-all: the server is named', { score: [29, 29], server: 1, games: [1, 1] }, { side: 1, what: 'match' }],
    ['nothing in a game that is won', { score: [21, 10], gameOver: true }, undefined],
    ['nothing in a match that is over', { score: [21, 10], matchStatus: 'finished' }, undefined],
  ] as const)('is %s', (_, change, stake) => {
    expect(atStake({ ...live, ...change })).toEqual(stake);
  });
});

describe('a board', () => {
  it('says what the moment is', () => {
    expect(momentOf(live, words.en)).toBe('In play');
    expect(momentOf({ ...live, matchStatus: 'paused' }, words.vi)).toBe('Tạm dừng');
    expect(momentOf({ ...live, matchStatus: 'finished', winner: 1 }, words.en)).toBe('Trần won');
    expect(momentOf({ ...live, score: [21, 10], gameOver: true }, words.en)).toBe('Game to Nguyễn');
    expect(momentOf({ ...live, notice: 'interval' }, words.en)).toBe('Interval');
    expect([toneOf(live), toneOf({ ...live, score: [20, 0] }), toneOf({ ...live, gameOver: true })]).toEqual([
      'live',
      'stake',
      'still',
    ]);
  });

  it('reads the score aloud with who serves, or with what ended', () => {
    expect(spokenScore(live, words.en)).toBe('Nguyễn 12, Trần 10. Nguyễn serves.');
    expect(spokenScore({ ...live, matchStatus: 'finished', winner: 0 }, words.vi)).toBe(
      'Nguyễn 12, Trần 10. Nguyễn thắng',
    );
  });

  it('names a side that has no name, and shows the ends as they are at the court', () => {
    expect(nameOf({ ...live, names: ['  ', 'Trần'] }, 0, words.vi)).toBe('Bên A');
    expect(sidesAtCourt(live)).toEqual([0, 1]);
    expect(sidesAtCourt({ ...live, endsSwapped: true })).toEqual([1, 0]);
  });

  it('calls the points of the winner first', () => {
    expect(scoreFor(1, [0, 21])).toBe('21–0');
    expect(scoreFor(0, [21, 18])).toBe('21–18');
  });

  it('does not show a game twice that was won just now', () => {
    const won = {
      ...live,
      score: [21, 10],
      gameOver: true,
      gameScores: [
        [21, 18],
        [21, 10],
      ],
    } as const;

    expect(earlierGames(won)).toEqual([[21, 18]]);
  });
});

describe('what the umpire may do', () => {
  it('is what the laws allow', () => {
    expect(commandsOf(undefined)).toMatchObject({ point: false, undo: false, swap: false, end: false });
    expect(commandsOf({ ...live, undoLabel: 'pointA' })).toMatchObject({ point: true, undo: true, pause: true });
    expect(commandsOf({ ...live, matchStatus: 'scheduled' })).toMatchObject({ point: true, start: true, pause: false });
    expect(commandsOf({ ...live, matchStatus: 'paused' })).toMatchObject({
      point: false,
      resume: true,
      nextGame: false,
    });
    expect(commandsOf({ ...live, gameOver: true })).toMatchObject({ point: false, nextGame: true });
    expect(commandsOf({ ...live, matchStatus: 'finished' })).toMatchObject({ point: false, swap: false, end: false });
    expect(commandsOf({ ...live, matchStatus: 'finished' }).newMatch).toBe(true);
    expect(commandsOf(live).newMatch).toBe(false);
  });
});

describe('the badge of a board', () => {
  const subscribed: SubscriptionState = { status: 'subscribed', recovered: false };
  const waiting: SubscriptionState = { status: 'subscribing' };
  const full: SubscriptionState = {
    status: 'refused',
    reason: { code: 'TOO_MANY_CONNECTIONS', message: 'full' },
    retry: true,
  };
  const gone: SubscriptionState = {
    status: 'refused',
    reason: { code: 'CHANNEL_UNKNOWN', message: 'gone' },
    retry: false,
  };
  const open: ConnectionState = { status: 'live', latencyMs: 5 };
  const polled: ConnectionState = { status: 'polling', reason: { code: 'LIVE_BLOCKED', message: 'blocked' } };
  const lost: ConnectionState = { status: 'reconnecting', retryAt: 9, reason: { code: 'NETWORK', message: 'cut' } };

  it.each([
    ['live while the board arrives by itself', open, subscribed, false, open],
    ['live although a poll was answered a moment ago', open, subscribed, true, open],
    ['polling while the connection itself polls', polled, subscribed, false, polled],
    ['not polling yet while the polls do not carry the board', polled, waiting, false, { status: 'connecting' }],
    ['not live while the open connection does not carry the board', open, waiting, false, { status: 'connecting' }],
    ['polling while only polls are answered', lost, waiting, true, { status: 'polling', reason: lost.reason }],
    ['reconnecting, with its countdown, while nothing is answered', lost, waiting, false, lost],
    ['polling where the board is full', open, full, true, { status: 'polling', reason: full.reason }],
    [
      'reconnecting where the board is full and nothing is answered',
      open,
      full,
      false,
      { status: 'reconnecting', reason: full.reason },
    ],
    ['failed where the server says no for good', open, gone, false, { status: 'failed', reason: gone.reason }],
  ] as const)('is %s', (_, connection, subscription, polling, expected) => {
    expect(freshness({ connection, subscription, polling })).toEqual(expected);
  });
});
