/** A client's own way to the server: runs the connection machine on real wires, keeps the one timer, tells the state. */
import type { CloseFrame, ConnectedFrame, ErrorFrame } from '@fanfare/protocol';
import { stepConnection } from './connection-machine.ts';
import {
  because,
  type ConnectionEvent,
  type ConnectionPhase,
  type ConnectionRules,
  hasWire,
  IDLE,
  type Reason,
} from './connection-phase.ts';
import type { ConnectionState } from './connection-state.ts';
import type { Command, Link, LinkHost } from './link.ts';
import type { Off } from './listeners.ts';
import type { Surroundings } from './platform.ts';
import { ToldState } from './told-state.ts';
import type { Transport, Wire, WireEnd, WireEvent } from './wire.ts';

export interface ConnectionOptions {
  /** Where the server's `/live/` is; ends in a slash. */
  readonly base: URL;
  readonly credentials: RequestCredentials;
  readonly platform: Surroundings;
  readonly rules: ConnectionRules;
  /** Whether a 401 may be answered with a fresh token. */
  readonly refreshable: boolean;
}

/** A wire, and what is known of it. */
export interface OpenWire {
  readonly transport: Transport;
  readonly wire: Wire;
  /** Ends it: what it tells from then on is not heard. */
  readonly stop: AbortController;
  /** The channels that it was asked for last; '?': they are to be read anew. */
  asked?: string;
  /** When, once there was a token. */
  askedAt?: number;
  isConnected?: boolean;
  /** What the server said on it before it ended it. */
  lastWord?: Reason;
}

/** Of an answer, and of a close: a fresh token may help. */
const UNAUTHENTICATED = 401;
const CLOSED_UNAUTHENTICATED = 3502;

/** Over one transport. */
export class Connection implements Link {
  protected readonly host: LinkHost;
  protected readonly options: ConnectionOptions;
  protected phase: ConnectionPhase = IDLE;
  protected inUse: OpenWire;
  readonly #told: ToldState;
  /** Of the deadline. */
  #timer: Off | undefined;
  #latencyMs: number | undefined;
  #unwatch: Off | undefined;
  #asksLater: Off | undefined;

  constructor(host: LinkHost, options: ConnectionOptions, transport: Transport) {
    this.host = host;
    this.options = options;
    this.inUse = { transport, wire: {}, stop: new AbortController() };
    this.#told = new ToldState((state, previous) => host.changed(state, previous));
  }

  get state(): ConnectionState {
    return this.#told.state;
  }

  sync(again: readonly string[] = []): void {
    const { wire, asked } = this.inUse;
    const wanted = this.host.wanted();
    const isBusy = this.host.busy();
    if (wanted.length === 0 && !isBusy) this.send({ type: 'emptied' });
    else if (!hasWire(this.phase)) {
      if (this.phase.kind !== 'failed' || isBusy || wanted.join() !== asked) this.send({ type: 'wanted' });
    } else if (wire.sync) wire.sync(again);
    else {
      if (again.length > 0) this.inUse.asked = '?';
      this.#renew();
    }
  }

  command(_: Command): boolean {
    return false;
  }

  progress(): void {
    if (this.phase.failures > 0) this.send({ type: 'progress' });
  }

  fail(reason: Reason): void {
    this.send({ type: 'refused', reason, refreshable: false });
  }

  askLater(): void {
    const { platform, rules } = this.options;
    this.#asksLater ??= platform.after(rules.capMs * (0.5 + platform.random() / 2), () => {
      this.#asksLater = undefined;
      this.host.retryChannels();
    });
  }

  reconnect(): void {
    this.send({ type: 'reconnect' });
  }

  drop(reason: Reason, retryAfterMs?: number): void {
    this.send({ type: 'dropped', reason, retryAfterMs });
  }

  /** How long the next attempt may take, if not as long as any. */
  protected get tryMs(): number | undefined {
    return undefined;
  }

  /** Why the best transport is not in use. */
  protected get demotion(): Reason | undefined {
    return undefined;
  }

  protected send(event: ConnectionEvent): void {
    const { platform, rules } = this.options;
    const before = this.phase;
    this.phase = stepConnection(before, event, {
      now: platform.now(),
      random: platform.random(),
      online: platform.online(),
      rules,
      timeoutMs: this.tryMs ?? rules.connectTimeoutMs,
    });
    const { deadline } = this.phase;
    this.#timer?.();
    this.#timer = undefined;
    // Not a fraction of a millisecond early, as timers are that round down.
    if (deadline < Infinity)
      this.#timer = platform.after(Math.ceil(deadline - platform.now()), () => this.send({ type: 'wake' }));
    if (this.phase === before) return;
    if (!hasWire(this.phase)) this.leave();
    else if (this.phase.wire !== before.wire) this.openNext();
    // A signal matters, and costs, only while there is something to keep alive.
    if (this.phase.kind !== 'idle') this.#unwatch ??= platform.watch((type) => this.send({ type }));
    else {
      this.#unwatch?.();
      this.#unwatch = undefined;
    }
    // It comes with every piece of the wire, and nobody sees it.
    if (event.type !== 'read') this.tell();
  }

  /** The next attempt. */
  protected openNext(): void {
    this.reopen();
  }

  /** Another wire of the same transport, in place of the one in use; to everybody else the connection is the same. */
  protected reopen(): void {
    this.leave();
    this.inUse = this.open(this.inUse.transport, false);
  }

  /** The wire in use is none any more. */
  protected leave(): void {
    this.inUse.stop.abort();
    this.#asksLater?.();
    this.#asksLater = undefined;
  }

  protected open(transport: Transport, isTrial: boolean): OpenWire {
    const { host, options, phase } = this;
    const stop = new AbortController();
    const { signal } = stop;
    const wire = transport.open({
      ...options,
      isTrial,
      signal,
      token: async () => {
        const token = await host.token(phase.refreshed);
        opened.askedAt = options.platform.now();
        return token;
      },
      wanted: () => {
        const wanted = this.wanted(opened);
        opened.asked = wanted.join();
        return wanted;
      },
      present: (channel) => host.present(channel),
      tell: (event) => {
        if (!signal.aborted) this.hear(event, opened);
      },
    });
    const opened: OpenWire = { transport, wire, stop };
    return opened;
  }

  protected wanted(_by: OpenWire): readonly string[] {
    return this.host.wanted();
  }

  protected hear(event: WireEvent, _from: OpenWire): void {
    switch (event.type) {
      case 'retry':
        this.send(event);
        break;
      case 'read':
        this.send(event);
        this.host.read();
        break;
      case 'connected':
        this.connected(event);
        break;
      case 'close':
        this.closed(event);
        break;
      case 'ended':
        this.ended(event);
        break;
      case 'unreadable':
        this.host.unreadable(event.problem);
        break;
      case 'error':
        this.#error(event);
        break;
      case 'renew':
        this.reopen();
        break;
      default:
        this.host.frame(event);
    }
  }

  protected connected(frame: ConnectedFrame): void {
    const { askedAt = 0 } = this.inUse;
    this.inUse.isConnected = true;
    this.#latencyMs = Math.round(this.options.platform.now() - askedAt);
    this.send(frame);
    if (!this.inUse.wire.sync) this.#renew();
  }

  protected closed({ code, reason, reconnect, retryMs }: CloseFrame): void {
    this.inUse.lastWord ??= because(`CLOSED_${code}`, reason);
    this.ended({ reason: this.inUse.lastWord, verdict: reconnect ? undefined : code, retryAfterMs: retryMs });
  }

  protected ended({ reason: its, verdict = 0, channel, retryAfterMs }: WireEnd): void {
    const reason = this.inUse.lastWord ?? its;
    const isCredential = verdict === UNAUTHENTICATED || verdict === CLOSED_UNAUTHENTICATED;
    const refreshable = isCredential && this.options.refreshable;
    if (verdict === 0) this.drop(reason, retryAfterMs);
    else if (channel === undefined || refreshable) this.send({ type: 'refused', reason, refreshable });
    else {
      // One forbidden channel must not take the others down with it.
      this.host.refused(channel, reason);
      if (this.host.wanted().length === 0) this.fail(reason);
      else this.reopen();
    }
  }

  #error(frame: ErrorFrame): void {
    const { code, message, channel, id, retry } = frame;
    const reason = because(code, message);
    if (channel !== undefined || id !== undefined) this.host.frame(frame);
    else if (retry === false) this.fail(reason);
    else this.inUse.lastWord = reason;
  }

  /** Where the wire keeps the channels that it was opened with, others are another wire: when this one was answered. */
  #renew(): void {
    if (this.inUse.isConnected && this.host.wanted().join() !== this.inUse.asked) this.reopen();
  }

  protected tell(): void {
    const { kind, deadline, reason } = this.phase;
    const { name, live } = this.inUse.transport;
    const { platform } = this.options;
    const isWaiting = kind === 'reconnecting' || kind === 'offline';
    this.#told.become(
      kind === 'live'
        ? { status: live ? kind : 'polling', transport: name, latencyMs: this.#latencyMs, reason: this.demotion }
        : {
            status: kind === 'connecting' && reason ? 'reconnecting' : kind,
            retryAt: isWaiting ? Math.round(platform.wallTime() + deadline - platform.now()) : undefined,
            reason,
          },
    );
  }
}
