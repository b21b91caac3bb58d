/** Events whose name is known only at run time, published under the schema of that name. */
import type { MatchEvent } from '@fanfare-systems/scoreboard/rules';
import type { ScoreboardTransaction } from './live.ts';
import type { TournamentBroadcast } from './tournament-events.ts';

/** One branch per event: each is checked against its own payload type, and a new event that is not handled does not compile. */
export function publishMatchEvent(tx: ScoreboardTransaction, matchId: string, told: MatchEvent): void {
  const channel = tx.channel(`match:${matchId}`);
  switch (told.event) {
    case 'score-update':
      channel.publish(told.event, told.data);
      break;
    case 'set-complete':
      channel.publish(told.event, told.data);
      break;
    case 'match-complete':
      channel.publish(told.event, told.data);
      break;
    case 'status-change':
      channel.publish(told.event, told.data);
      break;
  }
}

export interface TournamentStamp {
  readonly tournamentId: string;
  readonly timestamp: number;
}

export function publishTournamentEvent(
  tx: ScoreboardTransaction,
  told: TournamentBroadcast,
  stamp: TournamentStamp,
): void {
  const channel = tx.channel(`tournament:${stamp.tournamentId}`);
  switch (told.event) {
    case 'tournament-update':
      channel.publish(told.event, { ...told.fields, ...stamp });
      break;
    case 'match-update':
      channel.publish(told.event, { ...told.fields, ...stamp });
      break;
    case 'registration-update':
      channel.publish(told.event, { ...told.fields, ...stamp });
      break;
  }
}
