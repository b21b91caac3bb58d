/** One step of a match: play x step -> play, or why the laws refuse it. Pure; time comes with the step. */
import { addPoint, gamesToWin, gameWinner, isDecidingGame, otherSide, reachesInterval } from './laws.ts';
import type { MatchSetup, Notice, Outcome, Play, RefusalCode, Side, Step } from './match.ts';

export function openingPlay(setup: MatchSetup): Play {
  return {
    status: 'scheduled',
    score: [0, 0],
    games: [0, 0],
    gameNumber: 1,
    server: setup.firstServer,
    gameScores: [],
    gameOver: false,
    endsSwapped: false,
    winner: null,
    notice: null,
    startedAt: 0,
    gameStartedAt: 0,
  };
}

export function advance(setup: MatchSetup, play: Play, step: Step): Outcome<Play> {
  if (play.status === 'finished') return refuse('MATCH_FINISHED');
  switch (step.action) {
    case 'pointA':
      return point(setup, play, { side: 0, at: step.at });
    case 'pointB':
      return point(setup, play, { side: 1, at: step.at });
    case 'nextGame':
      return nextGame(play, step.at);
    case 'swap':
      return accept({ ...play, endsSwapped: !play.endsSwapped, notice: null });
    case 'start':
      return play.status === 'scheduled' ? accept(started(play, step.at)) : refuse('MATCH_ALREADY_STARTED');
    case 'pause':
      return play.status === 'live' ? accept({ ...play, status: 'paused' }) : refuse('MATCH_NOT_LIVE');
    case 'resume':
      return play.status === 'paused' ? accept({ ...play, status: 'live' }) : refuse('MATCH_NOT_PAUSED');
    case 'retireA':
      return accept(finished(play, 1));
    case 'retireB':
      return accept(finished(play, 0));
  }
}

/** The first rally of a scheduled match starts it: at the court the rally has been played, whatever the phone says. */
function point(setup: MatchSetup, before: Play, rally: { readonly side: Side; readonly at: number }): Outcome<Play> {
  const play = before.status === 'scheduled' ? started(before, rally.at) : before;
  if (play.status !== 'live') return refuse('MATCH_NOT_LIVE');
  if (play.gameOver) return refuse('GAME_OVER');
  const score = addPoint(play.score, rally.side);
  const scored: Play = { ...play, score, server: rally.side, notice: null };
  const winner = gameWinner(score);
  if (winner !== null) return accept(gameWon(setup, scored, winner));
  if (!reachesInterval(score, rally.side)) return accept(scored);
  const deciding = isDecidingGame(play.gameNumber, setup.bestOf);
  const notice: Notice = deciding ? 'change-ends' : 'interval';
  return accept({ ...scored, notice, endsSwapped: deciding ? !play.endsSwapped : play.endsSwapped });
}

function gameWon(setup: MatchSetup, play: Play, winner: Side): Play {
  const games = addPoint(play.games, winner);
  const won: Play = { ...play, games, gameScores: [...play.gameScores, play.score] };
  return games[winner] === gamesToWin(setup.bestOf)
    ? finished(won, winner)
    : { ...won, gameOver: true, notice: 'game-over' };
}

/** The winner of the last rally is the winner of the game, and already serves: only score and ends change. */
function nextGame(play: Play, at: number): Outcome<Play> {
  if (play.status !== 'live') return refuse('MATCH_NOT_LIVE');
  if (!play.gameOver) return refuse('GAME_NOT_OVER');
  return accept({
    ...play,
    score: [0, 0],
    gameNumber: play.gameNumber + 1,
    gameOver: false,
    endsSwapped: !play.endsSwapped,
    notice: 'change-ends',
    gameStartedAt: at,
  });
}

function started(play: Play, at: number): Play {
  return { ...play, status: 'live', startedAt: at, gameStartedAt: at };
}

function finished(play: Play, winner: Side): Play {
  return { ...play, status: 'finished', gameOver: false, winner, notice: 'match-over' };
}

/** Who retires when nobody says: the side behind in games, then in points, then the one that does not serve. */
export function trailingSide(play: Play): Side {
  for (const pair of [play.games, play.score]) {
    if (pair[0] !== pair[1]) return pair[0] < pair[1] ? 0 : 1;
  }
  return otherSide(play.server);
}

function accept(value: Play): Outcome<Play> {
  return { ok: true, value };
}

function refuse(code: RefusalCode): Outcome<Play> {
  return { ok: false, code };
}
