/** The laws of badminton by example (BWF laws 7, 8 and 16). */
import { apply, type BestOf, gameWinner, matchEvents, type Pair } from '@fanfare-systems/scoreboard/rules';
import { describe, expect, it } from 'vitest';
import { newMatch, play, points, refusal, T0, toScore, wholeGame } from './rules-support.ts';

describe('a game', () => {
  it.each<[Pair, 0 | 1 | null]>([
    [[0, 0], null],
    [[20, 0], null],
    [[21, 0], 0],
    [[21, 19], 0],
    [[19, 21], 1],
    [[20, 20], null],
    [[21, 20], null],
    [[22, 20], 0],
    [[22, 21], null],
    [[24, 26], 1],
    [[28, 28], null],
    [[29, 28], null],
    [[29, 29], null],
    [[30, 29], 0],
    [[29, 30], 1],
    [[30, 28], 0],
  ])('at %j is won by %j', (score, winner) => {
    expect(gameWinner(score)).toBe(winner);
  });

  it('needs two clear points from 20-all, and the 30th point at 29-all', () => {
    const deuce = play(newMatch(), [...toScore(20, 20), 'pointA']);
    const atLast = play(newMatch(), [...toScore(20, 20), ...Array(9).fill(['pointA', 'pointB']).flat(), 'pointB']);

    expect(deuce.play).toMatchObject({ score: [21, 20], gameOver: false, games: [0, 0] });
    expect(atLast.play).toMatchObject({ score: [29, 30], gameOver: true, games: [0, 1], gameScores: [[29, 30]] });
  });

  it('keeps its final score and refuses points until the next game', () => {
    const won = play(newMatch(), wholeGame('A'));
    const next = play(won, ['nextGame']);

    expect(won.play).toMatchObject({
      score: [21, 0],
      games: [1, 0],
      gameNumber: 1,
      gameOver: true,
      notice: 'game-over',
    });
    expect(refusal(won, 'pointB')).toBe('GAME_OVER');
    expect(next.play).toMatchObject({
      score: [0, 0],
      games: [1, 0],
      gameNumber: 2,
      gameOver: false,
      gameScores: [[21, 0]],
    });
  });
});

describe('the serve', () => {
  it('goes to the winner of the rally, and to the winner of a game in the next', () => {
    const start = newMatch(3, 1);

    expect(start.play.server).toBe(1);
    expect(play(start, ['pointA']).play.server).toBe(0);
    expect(play(start, ['pointA', 'pointB']).play.server).toBe(1);
    expect(play(start, [...toScore(19, 20), 'pointB', 'nextGame']).play.server).toBe(1);
  });
});

describe('the ends', () => {
  it('change between games', () => {
    expect(play(newMatch(), wholeGame('A')).play.endsSwapped).toBe(false);
    expect(play(newMatch(), [...wholeGame('A'), 'nextGame']).play).toMatchObject({
      endsSwapped: true,
      notice: 'change-ends',
    });
  });

  it('change when the leader reaches 11 in the deciding game, once', () => {
    const decider = play(newMatch(), [
      ...wholeGame('A'),
      'nextGame',
      ...wholeGame('B'),
      'nextGame',
      ...toScore(10, 10),
    ]);
    const eleven = play(decider, ['pointB']);
    const both = play(eleven, ['pointA']);

    expect(decider.play).toMatchObject({ gameNumber: 3, endsSwapped: false });
    expect(eleven.play).toMatchObject({ endsSwapped: true, notice: 'change-ends' });
    expect(both.play).toMatchObject({ score: [11, 11], endsSwapped: true, notice: null });
  });

  it('stay at 11 in the other games, which have an interval', () => {
    expect(play(newMatch(), points('A', 11)).play).toMatchObject({ endsSwapped: false, notice: 'interval' });
  });

  it('change at 11 in the only game of a one-game match', () => {
    expect(play(newMatch(1), points('B', 11)).play.endsSwapped).toBe(true);
  });

  it('are swapped by hand without touching score, games or serve', () => {
    const before = play(newMatch(), ['pointA', 'pointB']);
    const after = play(before, ['swap']);

    expect(after.play).toEqual({ ...before.play, endsSwapped: true });
  });
});

describe('a match', () => {
  it.each<[BestOf, number]>([
    [1, 1],
    [3, 2],
    [5, 3],
  ])('of best of %i is won with %i games', (bestOf, needed) => {
    const actions = Array.from({ length: needed }, (_, game) => [
      ...wholeGame('B'),
      ...(game < needed - 1 ? ['nextGame' as const] : []),
    ]);
    const over = play(newMatch(bestOf), actions.flat());

    expect(over.play).toMatchObject({ status: 'finished', winner: 1, games: [0, needed], notice: 'match-over' });
    for (const action of ['pointA', 'pointB', 'nextGame', 'swap', 'start', 'pause', 'resume', 'retire'] as const) {
      expect(refusal(over, action)).toBe('MATCH_FINISHED');
    }
  });

  it('starts with its first rally where nobody started it', () => {
    expect(play(newMatch(), ['pointA']).play).toMatchObject({ status: 'live', startedAt: T0 + 1000 });
  });

  it('refuses what its status does not allow', () => {
    const fresh = newMatch();
    const paused = play(fresh, ['start', 'pause']);

    expect(refusal(fresh, 'pause')).toBe('MATCH_NOT_LIVE');
    expect(refusal(fresh, 'nextGame')).toBe('MATCH_NOT_LIVE');
    expect(refusal(fresh, 'resume')).toBe('MATCH_NOT_PAUSED');
    expect(refusal(paused, 'pointA')).toBe('MATCH_NOT_LIVE');
    expect(refusal(paused, 'start')).toBe('MATCH_ALREADY_STARTED');
    expect(refusal(play(fresh, ['start']), 'nextGame')).toBe('GAME_NOT_OVER');
  });

  it('is won by the other side when one retires, and by the leader when nobody says who', () => {
    const behind = play(newMatch(), toScore(7, 9));
    const leaderRetires = apply(behind, { action: 'retire', side: 1 }, T0);

    expect(leaderRetires).toMatchObject({ ok: true, value: { play: { status: 'finished', winner: 0 } } });
    expect(play(behind, ['retire']).play).toMatchObject({ status: 'finished', winner: 1, score: [7, 9] });
  });

  it('goes back to its very beginning on reset, with a version that never returns', () => {
    const before = play(newMatch(), [...wholeGame('A'), 'nextGame', 'pointA']);
    const reset = play(before, ['reset']);

    expect(reset.play).toEqual(newMatch().play);
    expect(reset.version).toBe(before.version + 1);
    expect(refusal(reset, 'undo')).toBe('NOTHING_TO_UNDO');
  });
});

describe('undo', () => {
  it('takes back game and match ends', () => {
    const won = play(newMatch(), wholeGame('A'));
    const over = play(won, ['nextGame', ...wholeGame('A')]);

    expect(play(won, ['undo']).play).toMatchObject({ score: [20, 0], games: [0, 0], gameOver: false, gameScores: [] });
    expect(play(over, ['undo']).play).toMatchObject({ status: 'live', score: [20, 0], games: [1, 0], winner: null });
    expect(play(won, ['nextGame', 'undo']).play).toEqual(won.play);
  });

  it('is refused where there is nothing to undo', () => {
    expect(refusal(newMatch(), 'undo')).toBe('NOTHING_TO_UNDO');
    expect(refusal(play(newMatch(), ['start', 'pointA', 'undo']), 'undo')).toBe('NOTHING_TO_UNDO');
  });

  it('takes back the rally before a pause and leaves the match paused', () => {
    const undone = play(newMatch(), ['pointA', 'pause', 'undo']);

    expect(undone.play).toMatchObject({ status: 'paused', score: [0, 0], startedAt: T0 + 1000 });
    expect(play(undone, ['resume']).play.status).toBe('live');
  });
});

describe('the events of a match', () => {
  const eventsOf = (
    before: ReturnType<typeof newMatch>,
    action: 'pointA' | 'pause' | 'undo' | 'start' | 'retire' | 'swap',
  ) => matchEvents('m1', before, play(before, [action]));

  it('tell a rally', () => {
    expect(eventsOf(play(newMatch(), ['start', 'pointB']), 'pointA')).toEqual([
      {
        event: 'score-update',
        data: {
          matchId: 'm1',
          team1Score: 1,
          team2Score: 1,
          currentSet: 1,
          team1Name: 'Nguyễn Tiến Minh',
          team2Name: 'Lê Đức Phát',
          server: 0,
          timestamp: T0 + 3000,
        },
      },
    ]);
  });

  it('tell the end of a game and of the match with their durations', () => {
    const first = play(newMatch(), ['start', ...points('A', 20)]);
    const last = play(first, ['pointA', 'nextGame', ...points('A', 20)]);

    expect(eventsOf(first, 'pointA')[1]).toEqual({
      event: 'set-complete',
      data: {
        matchId: 'm1',
        setNumber: 1,
        scores: { team1: 21, team2: 0 },
        winner: 0,
        duration: 21_000,
        totalGames: [1, 0],
        nextSetServer: 0,
        timestamp: T0 + 22_000,
      },
    });
    expect(eventsOf(last, 'pointA').map(({ event }) => event)).toEqual([
      'score-update',
      'set-complete',
      'match-complete',
      'status-change',
    ]);
    expect(eventsOf(last, 'pointA')[2]).toEqual({
      event: 'match-complete',
      data: {
        matchId: 'm1',
        finalScore: {
          games: [2, 0],
          sets: [
            [21, 0],
            [21, 0],
          ],
        },
        winner: 0,
        winnerName: 'Nguyễn Tiến Minh',
        duration: 43_000,
        matchStatus: 'finished',
        timestamp: T0 + 44_000,
      },
    });
  });

  it('tell changes of status, and nothing for a swap', () => {
    const live = play(newMatch(), ['start']);

    expect(eventsOf(newMatch(), 'start')).toEqual([
      { event: 'status-change', data: { matchId: 'm1', status: 'live', timestamp: T0 + 1000 } },
    ]);
    expect(eventsOf(live, 'pause')).toEqual([
      { event: 'status-change', data: { matchId: 'm1', status: 'paused', timestamp: T0 + 2000 } },
    ]);
    expect(eventsOf(live, 'swap')).toEqual([]);
  });

  it('tell an unfinished game where a side retired in it', () => {
    const [complete] = eventsOf(play(newMatch(), toScore(3, 5)), 'retire');

    expect(complete).toMatchObject({
      event: 'match-complete',
      data: { finalScore: { games: [0, 0], sets: [[3, 5]] }, winner: 1 },
    });
  });
});
