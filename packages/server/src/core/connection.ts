/**
 * One attachment of a client over one transport; dies with the wire. A transport is a pipe in; `drained` and `ended` are
 * its two buttons out. The connection holds its subscriptions and its life: heartbeats, maximum age, one end.
 */
import {
  type CloseFrame,
  type CloseName,
  type ControlFrame,
  closeCode,
  type Position,
  type TransportName,
  type UnsubscribedFrame,
} from '@fanfare/protocol';
import type { ConnectionEnd, ConnectionHost } from './connection-host.ts';
import { type Credential, lapseOf } from './credential.ts';
import { Delivery } from './delivery.ts';
import type { DeliveryOwner } from './delivery-host.ts';
import type { Handshake, SubscribeOptions, SubscribeOutcome } from './handshake.ts';
import { SLOT_MS, type WheelEntry } from './heartbeat-wheel.ts';
import type { ControlFacts, Transport } from './ports/transport.ts';
import { retryDelayMs } from './retry-delay.ts';
import type { Subscription } from './subscription.ts';
import type { Switchable } from './transport-switch.ts';

/** RFC 6455 §7.1.5: the wire ended without a close frame. */
const ABNORMAL = 1006;
/** Heartbeats that may pass before a peer that is to answer them is taken for gone [PROTOCOL §6.6]. */
const SILENT_HEARTBEATS = 2.5;

export class Connection implements DeliveryOwner, WheelEntry, Switchable {
  readonly id: string;
  readonly label: string;
  /** No client: in no count. */
  readonly isServer: boolean;
  readonly address: string;
  readonly transport: TransportName | undefined;
  /** Monotonic milliseconds. */
  readonly openedAt: number;
  readonly subscriptions: Subscription[] = [];
  readonly delivery: Delivery;
  closed = false;
  wheelSlot = -1;
  wheelIndex = -1;
  readonly #host: ConnectionHost<Connection>;
  readonly #heartbeatMs: number;
  readonly #expiresAt: number;
  /** How long nothing may be heard. */
  readonly #silenceMs: number;
  /** When it must have something to live for. */
  #idleAt: number;
  #heardAt: number;
  #credential: Credential | undefined;
  /** When its credential has been expired for so long that it must end. */
  #lapsesAt: number;
  #nextHeartbeatAt: number;

  constructor(host: ConnectionHost<Connection>, transport: Transport, handshake: Handshake) {
    const { shared } = host;
    const { clock, entropy, limits } = shared;
    this.#host = host;
    this.id = handshake.id ?? entropy.id();
    this.label = handshake.label ?? handshake.encoding.name;
    this.isServer = handshake.isServer === true;
    this.address = handshake.address ?? '';
    this.openedAt = clock.now();
    this.#credential = handshake.credential;
    this.#lapsesAt = this.#lapseOf(handshake.credential);
    this.#heartbeatMs = handshake.heartbeatMs ?? limits.heartbeatMs;
    const maxAgeMs = handshake.maxAgeMs ?? limits.minAgeMs + entropy.random() * (limits.maxAgeMs - limits.minAgeMs);
    this.#expiresAt = maxAgeMs > 0 ? this.openedAt + maxAgeMs : Number.POSITIVE_INFINITY;
    this.transport = handshake.transport;
    const { silentHeartbeats = SILENT_HEARTBEATS } = handshake;
    this.#silenceMs = handshake.answers === true ? silentHeartbeats * this.#heartbeatMs : Number.POSITIVE_INFINITY;
    this.#idleAt = this.openedAt + (handshake.idleMs ?? Number.POSITIVE_INFINITY);
    this.#heardAt = this.openedAt;
    // The first one early by chance: after a storm, heartbeats must not all beat in one second either.
    this.#nextHeartbeatAt = this.#beatBy(this.openedAt + this.#heartbeatMs * (0.5 + entropy.random() / 2));
    this.delivery = new Delivery(shared, this, { transport, encoding: handshake.encoding });
    for (const [channel, position] of handshake.positions ?? []) this.delivery.standing.set(channel, position);
    shared.wheel.add(this, this.#untilDue(this.openedAt));
  }

  /** First frame; its cursor is where the client says it stands, so that a cut right after it loses nothing. */
  greet(retryMs?: number): void {
    const { restricts, allowed } = this.#host.shared.transports;
    this.control({
      type: 'connected',
      connection: this.id,
      heartbeatMs: this.#heartbeatMs,
      ...(retryMs === undefined ? {} : { retryMs }),
      ...(restricts && this.transport !== undefined ? { transports: allowed } : {}),
    });
  }

  /** Subject; '': nobody in particular. */
  get identity(): string {
    return this.#credential?.subject ?? '';
  }

  /** undefined: nobody's. */
  get credential(): Credential | undefined {
    return this.#credential;
  }

  /** Is its credential out of force? Then it is about to end, and nothing more is done for it. */
  get lapsed(): boolean {
    return this.#host.shared.clock.now() >= this.#lapsesAt;
  }

  /** Would the user, to whom it does not belong yet, have too many connections with it? Counts it if so. */
  exceeds(subject: string): boolean {
    const isFull = this.#host.isFull(subject);
    if (isFull) {
      this.#host.hit('maxConnectionsPerUser', { connection: this.id, address: this.address, identity: subject });
    }
    return isFull;
  }

  /** Whose it is from now on: ended at once where that is revoked, and in time where it expires. */
  belongTo(credential: Credential | undefined): void {
    if (this.closed) return;
    const before = this.identity;
    this.#credential = credential;
    if (this.identity !== before) this.#host.identified(this, before);
    this.#lapsesAt = this.#lapseOf(credential);
    if (credential !== undefined && this.#host.shared.isRevoked(credential)) this.close('revoked');
    else this.#host.shared.wheel.move(this, this.#untilDue(this.#host.shared.clock.now()));
  }

  /**
   * Never rejects: what went wrong is in the outcome, which is there at once where memory knows it. A channel already subscribed
   * answers as it stands.
   */
  subscribe(channel: string, options: SubscribeOptions = {}): SubscribeOutcome | Promise<SubscribeOutcome> {
    return this.#host.subscribe(this, channel, options);
  }

  subscription(channel: string): Subscription | undefined {
    return this.subscriptions.find((subscription) => subscription.channel === channel);
  }

  /** Takes a subscription that its channel has attached. */
  add(subscription: Subscription): void {
    this.subscriptions.push(subscription);
    if (!this.isServer) this.#host.added();
  }

  /** Ends one subscription and tells the client why; false when there was none. `why`: absent when the client asked for it. */
  unsubscribe(channel: string, why: Pick<UnsubscribedFrame, 'id' | 'code' | 'reason'> = {}): boolean {
    const subscription = this.subscription(channel);
    if (subscription === undefined) return false;
    this.drop(subscription);
    this.delivery.standing.forget(channel);
    const { id, ...reason } = why;
    this.control({ type: 'unsubscribed', ...(id === undefined ? {} : { id }), channel, ...reason });
    return true;
  }

  /** More channels may join: a format for one channel gives way to one for many. Idempotent. */
  widen(): void {
    this.delivery.widen();
  }

  /** Takes off a subscription that never stood. The cursor still says where the client is: it will try again from there. */
  drop(subscription: Subscription): void {
    this.subscriptions.splice(this.subscriptions.indexOf(subscription), 1);
    this.#host.release(this, subscription);
  }

  /** Puts a subscription at a position: everything up to it counts as delivered. */
  startAt(subscription: Subscription, position: Position): void {
    subscription.startAt(position);
    this.delivery.standing.set(subscription.channel, position);
  }

  control(frame: ControlFrame): void {
    if (!this.closed) this.delivery.control(frame);
  }

  /** Bytes of the wire's own, in order with the frames and within the same bounds. */
  tell(bytes: Uint8Array): void {
    if (!this.closed) this.delivery.tell(bytes);
  }

  /** The wire says: the peer has caught up. */
  drained(): void {
    this.delivery.drained();
  }

  /** The wire says: the peer is there. */
  heard(): void {
    this.#heardAt = this.#host.shared.clock.now();
  }

  /** The wire says: it has ended; with the peer's close code where it has one. */
  ended(code: number = ABNORMAL): void {
    this.#finish({ code });
  }

  /**
   * Ends the connection with a code of the close-code table: at once, though in a crowd that is sent away its wire says so a few turns
   * later. What waits is thrown away: the client resumes from its position.
   */
  close(name: CloseName): void {
    if (this.closed) return;
    const { code, reason, reconnect } = closeCode(name);
    const { limits, entropy, exit } = this.#host.shared;
    const crowd = name === 'overloaded' ? Number.POSITIVE_INFINITY : this.#host.connectionCount();
    const retryMs = retryDelayMs(limits, entropy, crowd);
    const frame: CloseFrame = { type: 'close', code, reason, reconnect, ...(reconnect ? { retryMs } : {}) };
    const { delivery } = this;
    const { transport } = delivery;
    const waits = exit.isCrowded && transport.endsAtOnce !== true;
    const leaving = waits ? delivery.part(frame) : { destroy: () => transport.close(frame) };
    if (!waits) delivery.end(frame);
    this.#finish({ code: transport.codeOf?.(frame) ?? code, reason: name });
    if (transport.endsAtOnce === true) leaving.destroy();
    else exit.end(leaving);
  }

  slow(): void {
    if (this.closed) return;
    this.#host.slow(this);
    this.close('slowConsumer');
  }

  failed(error: unknown): void {
    if (this.closed) return;
    this.#host.failed(this, error);
    this.close('internal');
  }

  resume(subscription: Subscription): void {
    this.#host.resume(this, subscription);
  }

  get readsLog(): boolean {
    return this.subscriptions.some(({ kind }) => kind === 'log');
  }

  facts(cursor: string): ControlFacts {
    return this.#host.facts(this, cursor);
  }

  due(now: number): number {
    if (this.closed) return 0;
    const end = this.#endDue(now);
    if (end !== undefined) {
      this.close(end);
      return 0;
    }
    if (now >= this.#nextHeartbeatAt) {
      this.#nextHeartbeatAt = this.#beatBy(now + this.#heartbeatMs);
      this.control({ type: 'heartbeat', time: this.#host.shared.clock.wallTime() });
    }
    return this.#untilDue(now);
  }

  #beatBy(at: number): number {
    return this.#host.shared.wheel.pulseBefore(at, this.#heartbeatMs);
  }

  #endDue(now: number): CloseName | undefined {
    if (now >= this.#lapsesAt) return 'credentialExpired';
    if (now >= this.#expiresAt) return 'maxAge';
    // One that is behind got no heartbeat to answer: how long it may be behind is bounded elsewhere.
    if (this.delivery.isBehind) this.#heardAt = now;
    if (now - this.#heardAt >= this.#silenceMs) return 'heartbeatTimeout';
    if (now < this.#idleAt) return undefined;
    this.#idleAt = Number.POSITIVE_INFINITY;
    if (this.identity !== '' || this.subscriptions.length > 0) return undefined;
    this.#host.hit('unauthenticatedMs', { connection: this.id, address: this.address });
    // No verdict: a page that is frozen between its handshake and its first command says nothing either, and is to come back.
    return 'heartbeatTimeout';
  }

  #untilDue(now: number): number {
    const silentAt = this.#heardAt + this.#silenceMs;
    const endsAt = Math.min(this.#lapsesAt, this.#expiresAt, silentAt, this.#idleAt);
    return Math.max(1, Math.min(this.#nextHeartbeatAt, endsAt) - now);
  }

  #lapseOf(credential: Credential | undefined): number {
    const { clock, limits } = this.#host.shared;
    return lapseOf(credential, clock, { graceMs: limits.credentialGraceMs, lateMs: SLOT_MS });
  }

  #finish(end: ConnectionEnd): void {
    if (this.closed) return;
    this.closed = true;
    this.delivery.end();
    this.#host.shared.wheel.remove(this);
    for (const subscription of this.subscriptions.splice(0)) this.#host.release(this, subscription);
    this.#host.closed(this, end);
  }
}
