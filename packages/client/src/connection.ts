/** A client's own way to the server: runs the connection machine and the ladder on real wires, keeps the one timer, tells the state. */
import type { CloseFrame, ConnectedFrame, ErrorFrame, ServerFrame, TransportName } from '@fanfare/protocol';
import { Alarm } from './alarm.ts';
import { ClientError } from './client-error.ts';
import { stepConnection, TIMEOUT } from './connection-machine.ts';
import {
  type ConnectionEffect,
  type ConnectionEvent,
  type ConnectionPhase,
  type ConnectionRules,
  deadlineOf,
  IDLE,
  type Reason,
} from './connection-phase.ts';
import { type ConnectionState, connectionState } from './connection-state.ts';
import type { Command, Link, LinkHost } from './link.ts';
import type { Off } from './listeners.ts';
import type { Platform } from './platform.ts';
import { ToldState } from './told-state.ts';
import type { MakeChoice, TransportChoice } from './transport-choice.ts';
import type { Transport, Wire, WireEnd, WireHost, WireOptions } from './wire.ts';

export interface ConnectionOptions {
  /** Where the server's `/live/` is; ends in a slash. */
  readonly base: URL;
  readonly credentials: RequestCredentials;
  readonly platform: Platform;
  readonly rules: ConnectionRules;
  /** Whether a 401 may be answered with a fresh token. */
  readonly refreshable: boolean;
  readonly choice: MakeChoice;
}

/** The interval assumed when a server names none. */
const USUAL_HEARTBEAT_MS = 25_000;
/** What the server's `retry:` or `retryMs` is clamped to: 0 would make a storm, an hour would look like a hang. */
const MIN_RETRY_MS = 1000;
const MAX_RETRY_MS = 60_000;
/** Close codes: a fresh token may help; another transport is wanted. */
const UNAUTHENTICATED = 3502;
const SWITCHED = 3009;
const TOKEN_FAILED = 'TOKEN_FAILED';

/** Under which the transport that worked is remembered. */
export function memoryKey(base: URL): string {
  return `fanfare ${base.href}`;
}

export class Connection implements Link {
  readonly #host: LinkHost;
  readonly #options: ConnectionOptions;
  readonly #choice: TransportChoice;
  readonly #told: ToldState;
  readonly #alarm: Alarm;
  #phase: ConnectionPhase = IDLE;
  #latencyMs: number | undefined;
  #wire: Wire | undefined;
  /** Of the open wire. */
  #transport: Transport | undefined;
  #unwatch: Off | undefined;
  /** Channels that the open wire follows from where the client stands. */
  #confirmed = new Set<string>();
  /** What the server said on the open wire before it ended it. */
  #lastWord: Reason | undefined;
  /** The channels of the request that the last verdict was about. */
  #refused = '';

  constructor(host: LinkHost, options: ConnectionOptions) {
    const { platform, rules, base } = options;
    this.#host = host;
    this.#options = options;
    this.#told = new ToldState((state, previous) => host.changed(state, previous));
    this.#alarm = new Alarm(platform, () => this.#send({ kind: 'wake' }));
    this.#choice = options.choice({
      platform,
      rules,
      memoryKey: memoryKey(base),
      open: (transport, wireHost) => transport.open({ ...this.#wireOptions(wireHost, false), isTrial: true }),
      wireHost: () => this.#wireHost(),
      confirmed: (channel) => this.#confirmed.has(channel),
      climbed: (transport, wire, frame) => {
        const unconfirmed = host.wanted().filter((channel) => !this.#confirmed.has(channel));
        this.#wire?.close();
        this.#use(transport, wire);
        this.#frame(frame);
        wire.sync(unconfirmed);
      },
    });
  }

  get state(): ConnectionState {
    return this.#told.state;
  }

  sync(again: readonly string[] = []): void {
    const { kind } = this.#phase;
    const wanted = this.#host.wanted();
    const isBusy = this.#host.busy();
    this.#confirmed = new Set(wanted.filter((channel) => this.#confirmed.has(channel) && !again.includes(channel)));
    if (wanted.length === 0 && !isBusy) this.#send({ kind: 'emptied' });
    else if (kind === 'connecting' || kind === 'live') this.#wire?.sync(again);
    else if (kind !== 'failed' || isBusy || wanted.join() !== this.#refused) this.#send({ kind: 'wanted' });
  }

  command(command: Command): boolean {
    const isLive = this.#phase.kind === 'live';
    if (isLive) this.#wire?.command(command);
    return isLive;
  }

  progress(): void {
    this.#send({ kind: 'progress' });
  }

  fail(reason: Reason): void {
    this.#refuse(reason, false);
  }

  askLater(): void {
    this.#send({ kind: 'refresh' });
  }

  reconnect(): void {
    this.#send({ kind: 'reconnect' });
  }

  drop(reason: Reason, retryAfterMs?: number): void {
    const online = this.#options.platform.online();
    this.#send({ kind: 'dropped', reason, online, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  }

  #send(event: ConnectionEvent): void {
    const { platform, rules } = this.#options;
    const before = this.#phase;
    const { state, effects } = stepConnection(before, event, {
      now: platform.now(),
      random: platform.random(),
      rules,
      timeoutMs: this.#choice.openingMs,
    });
    this.#phase = state;
    for (const effect of effects) this.#run(effect);
    // A signal matters, and costs, only while there is something to keep alive.
    if (this.#phase.kind !== 'idle') this.#unwatch ??= platform.watch((kind) => this.#send({ kind }));
    else {
      this.#unwatch?.();
      this.#unwatch = undefined;
    }
    this.#alarm.set(deadlineOf(this.#phase, rules));
    if (this.#phase !== before) this.#tell();
  }

  #run(effect: ConnectionEffect): void {
    switch (effect.kind) {
      case 'timeout':
        this.#notOpened(TIMEOUT);
        break;
      case 'retry-channels':
        this.#host.retryChannels();
        break;
      default:
        this.#closeWire();
        if (effect.kind === 'open') this.#open(effect.freshToken);
    }
  }

  #closeWire(): void {
    const wire = this.#wire;
    this.#wire = undefined;
    this.#choice.stop();
    wire?.close();
  }

  #open(freshToken: boolean): void {
    const { current } = this.#choice;
    this.#use(current, current.open(this.#wireOptions(this.#wireHost(), freshToken)));
  }

  #use(transport: Transport, wire: Wire): void {
    this.#lastWord = undefined;
    this.#confirmed = new Set();
    this.#transport = transport;
    this.#wire = wire;
  }

  #wireOptions(host: WireHost, freshToken: boolean): WireOptions {
    const { base, credentials, platform } = this.#options;
    const { isTrial } = this.#choice;
    return { base, credentials, platform, isTrial, host, token: () => this.#token(freshToken) };
  }

  async #token(refresh: boolean): Promise<string | undefined> {
    try {
      return await this.#host.token(refresh);
    } catch (cause) {
      throw new ClientError(TOKEN_FAILED, cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }

  #wireHost(): WireHost {
    return {
      wanted: () => this.#host.wanted(),
      present: (channel) => this.#host.present(channel),
      unreadable: (problem) => this.#host.unreadable(problem),
      opened: (latencyMs) => {
        this.#latencyMs = latencyMs;
      },
      retry: (ms) => this.#retry(ms),
      frame: (frame) => this.#frame(frame),
      read: () => {
        this.#send({ kind: 'activity' });
        if (this.#transport && this.#phase.kind === 'live' && !this.#isYoung()) this.#choice.lasted(this.#transport);
        this.#host.read();
      },
      ended: (end) => this.#ended(end),
    };
  }

  #frame(frame: ServerFrame): void {
    if (frame.type === 'connected') this.#connected(frame);
    else if (frame.type === 'transports') this.#restrict(frame.transports);
    else if (frame.type === 'close') this.#closed(frame);
    else if (frame.type === 'error' && frame.channel === undefined && frame.id === undefined) this.#error(frame);
    else {
      if (frame.type === 'subscribed') this.#confirmed.add(frame.channel);
      this.#host.frame(frame);
    }
  }

  #connected({ heartbeatMs, retryMs, transports }: ConnectedFrame): void {
    this.#send({ kind: 'connected', heartbeatMs: heartbeatMs || USUAL_HEARTBEAT_MS });
    if (retryMs !== undefined) this.#retry(retryMs);
    if (this.#transport !== undefined) this.#choice.connected(this.#transport, transports);
    this.#tell();
  }

  #retry(ms: number): void {
    this.#send({ kind: 'retry', ms: Math.min(Math.max(ms, MIN_RETRY_MS), MAX_RETRY_MS) });
  }

  /** Told on an open wire: whoever may not stay is closed by the server in a moment, at a time of its choosing. */
  #restrict(allowed: readonly TransportName[]): void {
    this.#choice.restrict(allowed, this.#phase.kind === 'live' ? this.#transport : undefined);
    this.#tell();
  }

  #closed({ code, reason, reconnect, retryMs }: CloseFrame): void {
    const because = this.#lastWord ?? { code: `CLOSED_${code}`, message: reason };
    if (code === SWITCHED && this.#choice.current !== this.#transport) this.#send({ kind: 'again', reason: because });
    else if (reconnect) this.drop(because, retryMs);
    else this.#refuse(because, code === UNAUTHENTICATED);
  }

  #error({ code, message, retry }: ErrorFrame): void {
    this.#lastWord = { code, message };
    if (retry === false) this.#refuse(this.#lastWord, false);
  }

  #refuse(reason: Reason, isCredential: boolean): void {
    this.#refused = this.#host.wanted().join();
    this.#send({ kind: 'refused', reason, refreshable: isCredential && this.#options.refreshable });
  }

  #ended(end: WireEnd): void {
    if (end.kind === 'refused') this.#verdict(end);
    else if (end.transports !== undefined) {
      this.#restrict(end.transports);
      this.drop(end.reason, end.retryAfterMs);
    }
    // Without a credential nothing was tried: that speaks against no transport.
    else if (end.reason.code === TOKEN_FAILED) this.drop(end.reason);
    else if (this.#phase.kind === 'connecting' && this.#lastWord === undefined)
      this.#notOpened(end.reason, end.retryAfterMs);
    else {
      if (this.#lastWord === undefined && this.#isYoung()) this.#choice.brokeOff();
      this.drop(this.#lastWord ?? end.reason, end.retryAfterMs);
    }
  }

  #verdict({ reason, status, channel }: Extract<WireEnd, { readonly kind: 'refused' }>): void {
    const isCredential = status === 401;
    if (channel !== undefined && !(isCredential && this.#options.refreshable)) {
      this.#host.refused(channel, reason);
      if (this.#host.wanted().length > 0) {
        this.#send({ kind: 'again' });
        return;
      }
    }
    this.#refuse(reason, isCredential);
  }

  /** Live for so short a time that it is of no use. */
  #isYoung(): boolean {
    const { platform, rules } = this.#options;
    return this.#phase.kind === 'live' && platform.now() - this.#phase.since < rules.shortLifeMs;
  }

  /** The wire did not come to life: another transport may, at once, unless all were tried. */
  #notOpened(reason: Reason, retryAfterMs?: number): void {
    if (this.#choice.failed() && retryAfterMs === undefined) this.#send({ kind: 'again' });
    else this.drop(reason, retryAfterMs);
  }

  #tell(): void {
    const { platform } = this.#options;
    this.#told.become(
      connectionState(this.#phase, {
        now: platform.now(),
        wallTime: platform.wallTime(),
        latencyMs: this.#latencyMs,
        transport: this.#transport,
        demotion: this.#choice.reason(this.#transport),
      }),
    );
  }
}
