/** A snapshot brought up to date by the events of its match. Pure; every event tells the whole of what it is about, so none is counted twice. */
import { gameWinner, type MatchEvent, type Pair, type Snapshot } from '@fanfare-systems/scoreboard/rules';

/** An event older than the snapshot changes nothing: the snapshot was read after it. */
export function followMatch(snapshot: Snapshot, told: MatchEvent): Snapshot {
  if (told.data.timestamp < (snapshot.timestamp ?? 0)) return snapshot;
  const now: Snapshot = { ...snapshot, timestamp: told.data.timestamp };
  switch (told.event) {
    case 'score-update': {
      const { team1Score, team2Score, currentSet, server } = told.data;
      // Also told after an undo or a reset: games from this one on are not finished any more.
      const { winner: _winner, notice: _notice, ...rest } = now;
      const score: Pair = [team1Score, team2Score];
      // An undo of "next game" leads back to a game that is won.
      const gameOver = gameWinner(score) !== null;
      const earlier = now.gameScores?.slice(0, currentSet - 1) ?? [];
      const gameScores = gameOver ? [...earlier, score] : earlier;
      return { ...rest, score, gameNumber: currentSet, server, gameScores, games: gamesOf(gameScores), gameOver };
    }
    case 'set-complete': {
      const { setNumber, scores, totalGames, nextSetServer } = told.data;
      const last: Pair = [scores.team1, scores.team2];
      const gameScores = [...(now.gameScores?.slice(0, setNumber - 1) ?? []), last];
      return { ...now, score: last, games: totalGames, gameScores, server: nextSetServer, gameOver: true };
    }
    case 'match-complete': {
      const { finalScore, winner } = told.data;
      return { ...now, games: finalScore.games, winner, gameOver: false, matchStatus: 'finished' };
    }
    case 'status-change':
      return { ...now, matchStatus: told.data.status };
  }
}

function gamesOf(gameScores: readonly Pair[]): Pair {
  const won = gameScores.filter(([a, b]) => a > b).length;
  return [won, gameScores.length - won];
}
