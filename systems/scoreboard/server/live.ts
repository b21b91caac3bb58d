/** The part of Fanfare that the scoreboard stands on. A server with more channels than these serves it as well. */
import type { Fanfare } from 'fanfare';
import type { ScoreboardChannels } from './channels.ts';

export type ScoreboardLive = Pick<
  Fanfare<ScoreboardChannels>,
  'transaction' | 'stream' | 'channel' | 'channels' | 'connections' | 'disconnect'
>;

export type ScoreboardTransaction = Parameters<Parameters<ScoreboardLive['transaction']>[0]>[0];
