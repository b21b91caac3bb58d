/** The part of Fanfare that the rooms stand on: a server that carries more channels than these serves them as well. */
import type { AnyFanfare, Fanfare } from 'fanfare';
import type { RoomsChannels } from './channels.ts';

type Verbs = Pick<Fanfare<RoomsChannels>, 'channel'>;

export interface RoomsLive
  extends Pick<
      AnyFanfare,
      | 'webSocketPath'
      | 'open'
      | 'callerOf'
      | 'isInForce'
      | 'identify'
      | 'arrives'
      | 'accessDenied'
      | 'channels'
      | 'subscribers'
      | 'api'
      | 'limitReached'
    >,
    Verbs {}
