/** What a hub is made of, and what is asked of it. */
import type { Position, TransportName } from '@fanfare/protocol';
import type { ChannelRule } from './channel-rule.ts';
import type { Credential } from './credential.ts';
import type { Concat } from './event-batch.ts';
import type { HubLimits } from './limits.ts';
import type { Broker } from './ports/broker.ts';
import type { Clock, Entropy } from './ports/clock.ts';

export interface HubOptions {
  readonly broker: Broker;
  readonly clock: Clock;
  readonly entropy: Entropy;
  /** The rule of a channel by its name; undefined: no such channel. */
  readonly rules: (channel: string) => ChannelRule | undefined;
  readonly limits?: Partial<HubLimits>;
  /** Wires that clients may use at first. @default all */
  readonly transports?: readonly TransportName[];
  /** Is the credential withdrawn? Asked when a connection gets it. @default none is */
  readonly isRevoked?: (credential: Credential) => boolean;
  /** @default plain copying */
  readonly concat?: Concat;
  /** Who counts as one address where connections are counted; '': nobody. @default the address itself */
  readonly networkOf?: (address: string) => string;
}

export interface HubAppend {
  readonly channel: string;
  readonly event: string;
  /** Serialised once, by the caller; embedded as it is in every frame. */
  readonly dataJson: string;
  readonly key?: string;
  readonly idempotencyKey?: string | undefined;
}

export interface HubRead {
  readonly channel: string;
  /** Absent: from the oldest kept. */
  readonly after?: Position;
  readonly limit: number;
}
