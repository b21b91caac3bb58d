/**
 * The part of Fanfare that the scoreboard stands on, channel by channel: a server that carries more channels than these
 * serves it as well.
 */
import type { Snapshot } from '@fanfare-systems/scoreboard/rules';
import type { ConnectionReport, Fanfare, StandardSchema, StateChannel, TransactionChannelOf } from 'fanfare';
import type { ScoreboardChannels } from './channels.ts';

export type BoardChannelName = `board:${string}` | `court:${string}`;

/** What one kind of channel takes inside a transaction. */
type Opens<Name extends string, Pattern extends keyof ScoreboardChannels> = (
  name: Name,
) => TransactionChannelOf<ScoreboardChannels[Pattern]>;

export interface ScoreboardTransaction {
  /** An intersection and not overloads: each part alone is what a wider server must offer. */
  readonly channel: Opens<BoardChannelName, 'board:{id}'> &
    Opens<`match:${string}`, 'match:{id}'> &
    Opens<`tournament:${string}`, 'tournament:{id}'>;
}

type Operations = 'stream' | 'channels' | 'connections' | 'disconnect' | 'limitReached' | 'audit';

export interface ScoreboardLive extends Pick<Fanfare<ScoreboardChannels>, Operations> {
  channel(name: BoardChannelName): StateChannel<StandardSchema<Snapshot>>;
  transaction<T>(work: (tx: ScoreboardTransaction) => T): Promise<T>;
}

/** Does this connection watch the channel? */
export function watches(channel: string): (connection: ConnectionReport) => boolean {
  return (connection) => connection.channels.includes(channel);
}
