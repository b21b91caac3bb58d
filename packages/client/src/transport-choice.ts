/** Which transport a connection uses: the port, and the choice of those who have only one. */
import type { ServerFrame, TransportName } from '@fanfare/protocol';
import type { ConnectionRules, Reason } from './connection-phase.ts';
import type { Platform } from './platform.ts';
import type { Transport, Wire, WireHost } from './wire.ts';

/** What a choice needs to try a transport beside the one in use. */
export interface ChoiceHost {
  readonly platform: Platform;
  readonly rules: ConnectionRules;
  /** Under which the choice is remembered for the next visit. */
  readonly memoryKey: string;
  open(transport: Transport, host: WireHost): Wire;
  /** What a wire in use tells. */
  wireHost(): WireHost;
  /** The wire in use follows the channel from where the client stands. */
  confirmed(channel: string): boolean;
  /** This wire is in use from now on; `frame`: its first, which says so. */
  climbed(transport: Transport, wire: Wire, frame: ServerFrame): void;
}

export interface TransportChoice {
  /** The one to be opened next. */
  readonly current: Transport;
  /** How long that may take. */
  readonly openingMs: number;
  /** It never worked here, and there are others. */
  readonly isTrial: boolean;
  /** Why the best one is not in use. */
  reason(inUse: Transport | undefined): Reason | undefined;
  /** The current one did not open: is another to be tried at once? */
  failed(): boolean;
  /** A wire of the current one ended without a word soon after it opened. */
  brokeOff(): void;
  /** A wire is in use; `allowed`: what the operator says may be, where the server told it. */
  connected(inUse: Transport, allowed: readonly TransportName[] | undefined): void;
  /** It has been in use for long enough to be relied on. */
  lasted(inUse: Transport): void;
  /** The operator says what may be used from now on. */
  restrict(allowed: readonly TransportName[], inUse: Transport | undefined): void;
  /** Nothing is in use: nothing better is looked for. */
  stop(): void;
}

export type MakeChoice = (host: ChoiceHost) => TransportChoice;

export function onlyTransport(current: Transport): MakeChoice {
  const nothing = (): undefined => undefined;
  return ({ rules }) => ({
    current,
    openingMs: rules.connectTimeoutMs,
    isTrial: false,
    reason: nothing,
    failed: () => false,
    brokeOff: nothing,
    connected: nothing,
    lasted: nothing,
    restrict: nothing,
    stop: nothing,
  });
}
