/** How a tab gets to the relay of its group: by a worker, or by electing a leader among the tabs. */
import type { FromTab, Port } from './messages.ts';

export interface WayHost {
  /** There is a relay that was not there before: say hello to it. */
  moved(): unknown;
  /** This way leads nowhere, and never will. */
  failed(): unknown;
}

export interface Way {
  /** A fresh pipe to the relay; what is sent while there is no relay is lost. `hear`: what the relay says. Rejects as `failed` tells. */
  connect(hear: (message: unknown) => void): Promise<Port<FromTab>>;
  /** The relay did not answer to a hello. */
  unanswered(): unknown;
  /** The tab goes; another is free to be the leader. */
  leave(): unknown;
}

/** `group`: names the group of the tabs that share a connection. Tells the host nothing before it returns. */
export type OpenWay = (group: string, host: WayHost) => Way;
