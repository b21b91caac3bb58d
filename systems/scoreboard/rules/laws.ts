/** The scoring laws of badminton (BWF laws 7 and 8) as questions about a score. */
import type { BestOf, Pair, Side } from './match.ts';

const GAME_POINTS = 21;
const LAST_POINT = 30;
const INTERVAL_POINTS = 11;

export function otherSide(side: Side): Side {
  return side === 0 ? 1 : 0;
}

/** Games that win the match. */
export function gamesToWin(bestOf: BestOf): number {
  return (bestOf + 1) / 2;
}

/** Who has won the game at this score: 21 points and two clear, or the 30th point. */
export function gameWinner(score: Pair): Side | null {
  const leader: Side = score[0] >= score[1] ? 0 : 1;
  const points = score[leader];
  const lead = points - score[otherSide(leader)];
  return (points >= GAME_POINTS && lead >= 2) || points === LAST_POINT ? leader : null;
}

/** The point just won by `scorer` makes it the first to 11 in this game: an interval, and new ends in the deciding game. */
export function reachesInterval(score: Pair, scorer: Side): boolean {
  return score[scorer] === INTERVAL_POINTS && score[otherSide(scorer)] < INTERVAL_POINTS;
}

/** The last game that can be played; the only one of a one-game match. */
export function isDecidingGame(gameNumber: number, bestOf: BestOf): boolean {
  return gameNumber === bestOf;
}

export function addPoint(pair: Pair, side: Side): Pair {
  return side === 0 ? [pair[0] + 1, pair[1]] : [pair[0], pair[1] + 1];
}
