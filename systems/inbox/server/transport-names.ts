/** The ways to connect that an operator may switch, as `live.transports` names them. */
import type { TransportName } from 'fanfare';

export type { TransportName };

export const TRANSPORT_NAMES: readonly TransportName[] = ['ws', 'sse', 'poll'];
