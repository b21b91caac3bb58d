/** What a snapshot means to someone who watches: names of the sides, who stands where, what is at stake. Pure. */
import {
  gamesToWin,
  gameWinner,
  otherSide,
  type Pair,
  type Side,
  type Snapshot,
} from '@fanfare-systems/scoreboard/rules';
import type { ScoreWords } from './words.ts';

export const SIDES: readonly [Side, Side] = [0, 1];

/** The sides as they stand at the court, left first. */
export function sidesAtCourt(snapshot: Snapshot): readonly [Side, Side] {
  return snapshot.endsSwapped === true ? [1, 0] : SIDES;
}

export function nameOf(snapshot: Snapshot, side: Side, words: ScoreWords): string {
  const name = snapshot.names?.[side]?.trim();
  return name === undefined || name === '' ? ([words.sideA, words.sideB][side] ?? '') : name;
}

/** Games before the one whose points the digits show: a game that was just won is still on the digits. */
export function earlierGames(snapshot: Snapshot | undefined): readonly Pair[] {
  return snapshot?.gameScores?.slice(0, snapshot.gameNumber - 1) ?? [];
}

/** Who wins the game or the match with the next rally, if anybody does. */
export function atStake(snapshot: Snapshot): { readonly side: Side; readonly what: 'game' | 'match' } | undefined {
  const { score, games, server, bestOf = 3, gameOver = false, matchStatus = 'live' } = snapshot;
  if (gameOver || matchStatus === 'finished') return undefined;
  // At 29 all both stand one rally away: the server is named.
  const side = [server, otherSide(server)].find((one) => gameWinner(withPoint(score, one)) === one);
  if (side === undefined) return undefined;
  return { side, what: games[side] + 1 === gamesToWin(bestOf) ? 'match' : 'game' };
}

/** One line about the moment: what the board says above the digits. */
export function momentOf(snapshot: Snapshot, words: ScoreWords): string {
  const { matchStatus = 'live', winner, gameOver, notice } = snapshot;
  if (matchStatus === 'finished') {
    return winner === undefined ? words.status.finished : words.won(nameOf(snapshot, winner, words));
  }
  if (matchStatus !== 'live') return words.status[matchStatus];
  if (gameOver === true) return words.gameTo(nameOf(snapshot, snapshot.server, words));
  const stake = atStake(snapshot);
  if (stake !== undefined) return stake.what === 'match' ? words.matchPoint : words.gamePoint;
  if (notice === 'interval') return words.interval;
  if (notice === 'change-ends') return words.changeEnds;
  return words.status.live;
}

/** How the moment is coloured: green only for play itself. */
export function toneOf(snapshot: Snapshot): 'stake' | 'live' | 'paused' | 'still' {
  const { matchStatus = 'live', gameOver } = snapshot;
  if (atStake(snapshot) !== undefined && matchStatus === 'live') return 'stake';
  if (matchStatus === 'paused') return 'paused';
  return matchStatus === 'live' && gameOver !== true ? 'live' : 'still';
}

/** A score as it is called: the points of `side`, who won it, come first. */
export function scoreFor(side: Side, score: Pair): string {
  return `${score[side]}–${score[otherSide(side)]}`;
}

/** The score as it is read aloud. */
export function spokenScore(snapshot: Snapshot, words: ScoreWords): string {
  const [a, b] = [nameOf(snapshot, 0, words), nameOf(snapshot, 1, words)];
  const score = words.spoken(a, snapshot.score[0], b, snapshot.score[1]);
  const { matchStatus = 'live', gameOver } = snapshot;
  if (matchStatus !== 'live' || gameOver === true) return `${score} ${momentOf(snapshot, words)}`;
  return `${score} ${words.spokenServer(nameOf(snapshot, snapshot.server, words))}`;
}

function withPoint(score: Pair, side: Side): Pair {
  return side === 0 ? [score[0] + 1, score[1]] : [score[0], score[1] + 1];
}
