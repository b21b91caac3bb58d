/** The choice among several transports: runs the ladder, and tries better ones while a lesser is in use, which goes on until then. */
import { TRANSPORTS, type TransportName } from '@fanfare/protocol';
import type { Reason } from './connection-phase.ts';
import {
  afterFailure,
  afterShortLife,
  afterSuccess,
  betterRungs,
  currentRung,
  isTrial,
  type Ladder,
  newLadder,
  probeDelayMs,
  reasonFor,
  restricted,
} from './ladder.ts';
import type { Off } from './listeners.ts';
import type { ChoiceHost, MakeChoice, TransportChoice } from './transport-choice.ts';
import type { Transport, Wire } from './wire.ts';

/** Some proxies open everything and pass nothing on: a wire counts when its first frame has arrived. */
const PROBE_TIMEOUT_MS = 6000;
/** Within so long of the operator's word a better transport is tried. */
const ORDER_MS = 3000;

/** Best first; not empty. */
export function bestOf(transports: readonly Transport[]): MakeChoice {
  return (host) => new Climb(transports, host);
}

class Climb implements TransportChoice {
  readonly #transports: readonly Transport[];
  readonly #host: ChoiceHost;
  #ladder: Ladder;
  /** Ends what is going on: the wait for the next round, or a probe. */
  #cancel: Off | undefined;

  constructor(transports: readonly Transport[], host: ChoiceHost) {
    const { platform, memoryKey } = host;
    this.#host = host;
    this.#transports = transports.filter((transport) => transport.available(platform));
    this.#ladder = newLadder(
      this.#transports.map(({ name }) => name),
      platform.recall?.(memoryKey),
    );
  }

  get current(): Transport {
    // What the operator allows may have become something else: the first of ours is asked, and told.
    return this.#transport(currentRung(this.#ladder));
  }

  get openingMs(): number {
    const { connectTimeoutMs, tryTimeoutMs } = this.#host.rules;
    return this.isTrial ? tryTimeoutMs : connectTimeoutMs;
  }

  get isTrial(): boolean {
    return isTrial(this.#ladder);
  }

  reason(inUse: Transport | undefined): Reason | undefined {
    return reasonFor(this.#ladder, inUse?.name);
  }

  failed(): boolean {
    const { ladder, next } = afterFailure(this.#ladder);
    this.#ladder = ladder;
    return next;
  }

  brokeOff(): void {
    this.#ladder = afterShortLife(this.#ladder);
  }

  connected(inUse: Transport, allowed: readonly TransportName[] | undefined): void {
    this.#ladder = afterSuccess(restricted(this.#ladder, allowed), inUse.name, false);
    this.#lookUp(inUse);
  }

  lasted({ name }: Transport): void {
    const { proven, strikes } = this.#ladder;
    if (proven === name && strikes === 0) return;
    this.#ladder = afterSuccess(this.#ladder, name, true);
    const { platform, memoryKey } = this.#host;
    platform.remember?.(memoryKey, name);
  }

  restrict(allowed: readonly TransportName[], inUse: Transport | undefined): void {
    const before = this.#ladder;
    const isAll = TRANSPORTS.every((name) => allowed.includes(name));
    this.#ladder = restricted(before, isAll ? undefined : allowed);
    // An order is obeyed within seconds, though not by everybody in the same one.
    if (inUse !== undefined && this.#ladder !== before) this.#lookUp(inUse, this.#host.platform.random() * ORDER_MS);
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }

  #transport(rung: TransportName | undefined): Transport {
    const found = this.#transports.find(({ name }) => name === rung) ?? this.#transports[0];
    if (found === undefined) throw new TypeError('transports: expected one that this platform has.');
    return found;
  }

  /** Waits for the next round of probes, where there is anything better than what is in use. */
  #lookUp(inUse: Transport, orderMs?: number): void {
    this.stop();
    const { platform, rules } = this.#host;
    const better = betterRungs(this.#ladder, inUse.name);
    if (better.length === 0) return;
    const delayMs = orderMs ?? probeDelayMs(this.#ladder, inUse.live, { random: platform.random(), rules });
    this.#cancel = platform.after(delayMs, () => this.#probe(better, inUse));
  }

  /** One after the other, best first. */
  #probe([rung, ...others]: readonly TransportName[], inUse: Transport): void {
    const { platform } = this.#host;
    this.#cancel = undefined;
    if (rung === undefined) {
      this.#ladder = { ...this.#ladder, rounds: this.#ladder.rounds + 1 };
      this.#lookUp(inUse);
      return;
    }
    const transport = this.#transport(rung);
    const real = this.#host.wireHost();
    let took = false;
    let latency = 0;
    const giveUp = (): void => {
      if (took) return;
      this.stop();
      this.#probe(others, inUse);
    };
    const wire: Wire = this.#host.open(transport, {
      ...real,
      // A channel that the wire in use has not confirmed may stand elsewhere by then: it is asked for when this one is in use.
      wanted: () => (took ? real.wanted() : real.wanted().filter((channel) => this.#host.confirmed(channel))),
      // What the wire says before that is not about the connection that is.
      opened: (latencyMs) => {
        if (took) real.opened(latencyMs);
        latency = latencyMs;
      },
      unreadable: (problem) => took && real.unreadable(problem),
      read: () => took && real.read(),
      ended: (end) => (took ? real.ended(end) : giveUp()),
      frame: (frame) => {
        if (took) real.frame(frame);
        else if (frame.type !== 'connected') giveUp();
        else {
          took = true;
          cancelTimer();
          this.#cancel = undefined;
          real.opened(latency);
          this.#host.climbed(transport, wire, frame);
        }
      },
    });
    const cancelTimer = platform.after(PROBE_TIMEOUT_MS, giveUp);
    this.#cancel = () => {
      cancelTimer();
      wire.close();
    };
  }
}
