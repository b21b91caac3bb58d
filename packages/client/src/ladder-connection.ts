/**
 * A connection over the best of several transports: runs the ladder, and tries better ones while a lesser is in use, which goes on
 * until then.
 */
import { type CloseFrame, type ConnectedFrame, TRANSPORTS, type TransportName } from '@fanfare/protocol';
import { Connection, type ConnectionOptions, type OpenWire } from './connection.ts';
import { because, type ConnectionEvent, hasWire, type LadderRules, type Reason } from './connection-phase.ts';
import {
  afterFailure,
  afterShortLife,
  afterSuccess,
  betterRungs,
  currentRung,
  isTrial,
  LADDER_RULES,
  type Ladder,
  newLadder,
  probeDelayMs,
  reasonFor,
  restricted,
} from './ladder.ts';
import type { Command, LinkHost } from './link.ts';
import type { Off } from './listeners.ts';
import type { Transport, WireEnd, WireEvent } from './wire.ts';

/** Some proxies open everything and pass nothing on: a wire counts when its first frame has arrived. */
const PROBE_TIMEOUT_MS = 6000;
/** Within so long of the operator's word a better transport is tried. */
const ORDER_MS = 3000;
/** Close code: another transport is wanted. */
const SWITCHED = 3009;

/** Under which the transport that worked is remembered. */
export function memoryKey(base: URL): string {
  return `fanfare ${base.href}`;
}

export class LadderConnection extends Connection {
  readonly #transports: readonly Transport[];
  readonly #rules: LadderRules;
  #ladder: Ladder;
  /** Still to be tried in this round, best first. */
  #better: readonly TransportName[] = [];
  /** A better one that is being tried, while the one in use goes on. */
  #probe: OpenWire | undefined;
  /** Ends the wait for the next round, or the patience with the probe. */
  #wait: Off | undefined;

  /** `transports`: best first. */
  constructor(host: LinkHost, options: ConnectionOptions, transports: readonly [Transport, ...Transport[]]) {
    const { platform, base } = options;
    super(host, options, transports[0]);
    this.#rules = { ...LADDER_RULES, ...options.rules };
    this.#transports = transports;
    const rungs = transports.map(({ name }) => name);
    this.#ladder = newLadder(rungs, platform.recall?.(memoryKey(base)));
  }

  override command(command: Command): boolean {
    const isLive = this.phase.kind === 'live';
    if (isLive) this.inUse.wire.command?.(command);
    return isLive;
  }

  protected override get tryMs(): number | undefined {
    return isTrial(this.#ladder) ? this.#rules.tryTimeoutMs : undefined;
  }

  protected override get demotion(): Reason | undefined {
    return reasonFor(this.#ladder, this.inUse.transport.name);
  }

  protected override openNext(): void {
    this.leave();
    this.#stopLooking();
    this.inUse = this.open(this.#current, isTrial(this.#ladder));
  }

  protected override leave(): void {
    super.leave();
    if (!hasWire(this.phase)) this.#stopLooking();
  }

  /** A channel may stand elsewhere by the time that another wire is in use: it is asked for then. */
  protected override wanted(by: OpenWire): readonly string[] {
    return by === this.inUse ? super.wanted(by) : [];
  }

  protected override send(event: ConnectionEvent): void {
    const { kind, deadline } = this.phase;
    const isLate = event.type === 'wake' && kind === 'connecting' && this.options.platform.now() >= deadline;
    super.send(isLate && this.#stepDown() ? { type: 'again' } : event);
  }

  protected override hear(event: WireEvent, from: OpenWire): void {
    if (from !== this.inUse) this.#hearProbe(event, from);
    else if (event.type === 'transports') this.#restrict(event.transports);
    else {
      super.hear(event, from);
      if (event.type === 'read' && this.phase.kind === 'live' && !this.#isYoung) this.#lasted();
    }
  }

  protected override connected(frame: ConnectedFrame): void {
    const allowed = restricted(this.#ladder, frame.transports);
    this.#ladder = afterSuccess(allowed, this.inUse.transport.name, false);
    const before = this.state;
    super.connected(frame);
    // Where the wire itself has no word for it.
    if (frame.retryMs) this.send({ type: 'retry', ms: frame.retryMs });
    // To who only looks at the state it is the same connection: what was sent on the last wire got no answer.
    if (this.state === before) this.host.frame(frame);
    // It goes on where this is another wire of the same kind.
    if (!this.#wait) this.#lookUp();
  }

  protected override closed(frame: CloseFrame): void {
    const reason = this.inUse.lastWord ?? because(`CLOSED_${frame.code}`, frame.reason);
    if (frame.code === SWITCHED && this.#current !== this.inUse.transport) this.send({ type: 'again', reason });
    else super.closed(frame);
  }

  protected override ended(end: WireEnd): void {
    const { reason, verdict, retryAfterMs, transports } = end;
    if (transports) this.#restrict(transports);
    // Who said something speaks against no transport; nor does a token that cannot be had: nothing was tried.
    else if (verdict === undefined && this.inUse.lastWord === undefined && reason.code !== 'TOKEN_FAILED') {
      if (this.phase.kind === 'live') {
        if (this.#isYoung) this.#ladder = afterShortLife(this.#ladder);
      } else if (this.#stepDown() && retryAfterMs === undefined) {
        this.send({ type: 'again' });
        return;
      }
    }
    super.ended(end);
  }

  get #current(): Transport {
    // What the operator allows may have become something else: one of ours is asked, and told.
    return this.#transport(currentRung(this.#ladder));
  }

  /** Live for so short a time that it is of no use. */
  get #isYoung(): boolean {
    const { since = 0 } = this.phase;
    return this.options.platform.now() - since < this.#rules.shortLifeMs;
  }

  #transport(rung: TransportName | undefined): Transport {
    return this.#transports.find(({ name }) => name === rung) ?? this.inUse.transport;
  }

  /** The wire did not come to life: another transport may, at once, unless all were tried. */
  #stepDown(): boolean {
    const { ladder, next } = afterFailure(this.#ladder);
    this.#ladder = ladder;
    return next;
  }

  /** In use for long enough to be relied on. */
  #lasted(): void {
    const { proven, strikes } = this.#ladder;
    const { name } = this.inUse.transport;
    if (proven === name && strikes === 0) return;
    this.#ladder = afterSuccess(this.#ladder, name, true);
    const { platform, base } = this.options;
    platform.remember?.(memoryKey(base), name);
  }

  /** Told on an open wire: whoever may not stay is closed by the server in a moment, at a time of its choosing. */
  #restrict(allowed: readonly TransportName[]): void {
    const before = this.#ladder;
    const isAll = TRANSPORTS.every((name) => allowed.includes(name));
    this.#ladder = restricted(before, isAll ? undefined : allowed);
    // An order is obeyed within seconds, though not by everybody in the same one.
    if (this.phase.kind === 'live' && this.#ladder !== before) this.#lookUp(this.options.platform.random() * ORDER_MS);
    this.tell();
  }

  #stopLooking(): void {
    this.#wait?.();
    this.#wait = undefined;
    this.#probe?.stop.abort();
    this.#probe = undefined;
  }

  /** Waits for the next round of probes, where there is anything better than what is in use. */
  #lookUp(orderMs?: number): void {
    this.#stopLooking();
    const { platform } = this.options;
    const { name, live } = this.inUse.transport;
    this.#better = betterRungs(this.#ladder, name);
    if (this.#better.length === 0) return;
    const delayMs = orderMs ?? probeDelayMs(this.#ladder, live, { random: platform.random(), rules: this.#rules });
    this.#wait = platform.after(delayMs, () => this.#tryNext());
  }

  /** One after the other. */
  #tryNext(): void {
    this.#stopLooking();
    const [rung, ...others] = this.#better;
    this.#better = others;
    if (rung === undefined) {
      this.#ladder = { ...this.#ladder, rounds: this.#ladder.rounds + 1 };
      this.#lookUp();
    } else {
      this.#probe = this.open(this.#transport(rung), true);
      this.#wait = this.options.platform.after(PROBE_TIMEOUT_MS, () => this.#tryNext());
    }
  }

  #hearProbe(event: WireEvent, probe: OpenWire): void {
    if (event.type === 'connected') {
      // It is in use from now on.
      this.#probe = undefined;
      this.#stopLooking();
      this.leave();
      this.inUse = probe;
      this.hear(event, probe);
      probe.wire.sync?.([]);
    } else if (event.type === 'ended' || event.type === 'close') this.#tryNext();
  }
}
