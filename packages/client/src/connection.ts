/** Runs the connection machine: carries out its effects on a real stream, keeps its one timer, and tells its state. */
import type { CloseFrame, ErrorFrame, ServerFrame } from '@fanfare/protocol';
import { stepConnection } from './connection-machine.ts';
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
import type { Off } from './listeners.ts';
import type { Platform } from './platform.ts';
import { openSseStream, type StreamEnd, type StreamRequest } from './sse-stream.ts';

/** What the connection asks of its client. */
export interface ConnectionHost {
  /** Rejects when the signal says that the stream is not wanted any more. */
  request(options: { readonly freshToken: boolean; readonly signal: AbortSignal }): Promise<StreamRequest>;
  /** A frame about a channel. */
  frame(frame: ServerFrame): void;
  /** The request was refused for this channel's sake: is there anything to ask for without it? */
  withoutChannel(channel: unknown, reason: Reason): boolean;
  unreadable(problem: string): void;
  /** What one piece of the stream held has been handed over. */
  read(): void;
  changed(state: ConnectionState, previous: ConnectionState): void;
}

export interface ConnectionOptions {
  readonly platform: Platform;
  readonly rules: ConnectionRules;
  /** Whether a 401 may be answered with a fresh token. */
  readonly refreshable: boolean;
}

/** The interval assumed when a server names none. */
const USUAL_HEARTBEAT_MS = 25_000;
/** What the server's `retry:` is clamped to: 0 would make a storm, an hour would look like a hang. */
const MIN_RETRY_MS = 1000;
const MAX_RETRY_MS = 60_000;

export class Connection {
  readonly #host: ConnectionHost;
  readonly #options: ConnectionOptions;
  #phase: ConnectionPhase = IDLE;
  #state: ConnectionState = { status: 'idle' };
  /** The state that everyone was told last. */
  #told: ConnectionState = this.#state;
  #telling = false;
  #latencyMs: number | undefined;
  #closeStream: Off | undefined;
  #unwatch: Off | undefined;
  #timer: { readonly at: number; readonly cancel: Off } | undefined;
  /** What the server said on the open stream before it ended it. */
  #lastWord: Reason | undefined;

  constructor(host: ConnectionHost, options: ConnectionOptions) {
    this.#host = host;
    this.#options = options;
  }

  /** The same object until something in it changes. */
  get state(): ConnectionState {
    return this.#state;
  }

  send(event: ConnectionEvent): void {
    const { platform, rules } = this.#options;
    const before = this.#phase;
    const { state, effects } = stepConnection(before, event, { now: platform.now(), random: platform.random(), rules });
    this.#phase = state;
    for (const effect of effects) this.#run(effect);
    this.#watchPlatform();
    this.#setTimer();
    if (state !== before) this.#tell();
  }

  #run(effect: ConnectionEffect): void {
    this.#closeStream?.();
    this.#closeStream = undefined;
    if (effect.kind === 'open') this.#open(effect.freshToken);
  }

  #open(freshToken: boolean): void {
    this.#lastWord = undefined;
    this.#closeStream = openSseStream({
      platform: this.#options.platform,
      request: (signal) => this.#host.request({ freshToken, signal }),
      listener: {
        opened: (latencyMs) => {
          this.#latencyMs = latencyMs;
        },
        retry: (ms) => this.send({ kind: 'retry', ms: Math.min(Math.max(ms, MIN_RETRY_MS), MAX_RETRY_MS) }),
        frame: (frame) => this.#frame(frame),
        unreadable: (problem) => this.#host.unreadable(problem),
        read: () => {
          this.send({ kind: 'activity' });
          this.#host.read();
        },
        ended: (end) => this.#ended(end),
      },
    });
  }

  #frame(frame: ServerFrame): void {
    if (frame.type === 'connected') {
      this.send({ kind: 'connected', heartbeatMs: frame.heartbeatMs || USUAL_HEARTBEAT_MS });
    } else if (frame.type === 'close') {
      this.#closed(frame);
    } else if (frame.type === 'error' && frame.channel === undefined) {
      this.#error(frame);
    } else this.#host.frame(frame);
  }

  #closed({ code, reason, reconnect, retryMs }: CloseFrame): void {
    const because = this.#lastWord ?? { code: `CLOSED_${code}`, message: reason };
    if (reconnect) this.drop(because, retryMs);
    else this.send({ kind: 'refused', reason: because, refreshable: false });
  }

  #error({ code, message, retry }: ErrorFrame): void {
    this.#lastWord = { code, message };
    if (retry === false) this.send({ kind: 'refused', reason: this.#lastWord, refreshable: false });
  }

  #ended(end: StreamEnd): void {
    if (end.kind === 'dropped') {
      this.drop(this.#lastWord ?? end.reason, end.retryAfterMs);
      return;
    }
    const refreshable = end.status === 401 && this.#options.refreshable;
    if (!refreshable && this.#host.withoutChannel(end.channel, end.reason)) this.send({ kind: 'changed' });
    else this.send({ kind: 'refused', reason: end.reason, refreshable });
  }

  /** The stream is of no use any more; another will be opened by the rules of backoff. */
  drop(reason: Reason, retryAfterMs?: number): void {
    const online = this.#options.platform.online();
    this.send({ kind: 'dropped', reason, online, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) });
  }

  /** Signals matter, and cost, only while there is something to keep alive. */
  #watchPlatform(): void {
    if (this.#phase.kind === 'idle') {
      this.#unwatch?.();
      this.#unwatch = undefined;
    } else this.#unwatch ??= this.#options.platform.watch((kind) => this.send({ kind }));
  }

  /** A timer that fires too early is asked again, so that traffic does not have to move it. */
  #setTimer(): void {
    const deadline = deadlineOf(this.#phase);
    if (deadline !== undefined && this.#timer !== undefined && this.#timer.at <= deadline) return;
    this.#timer?.cancel();
    this.#timer = undefined;
    if (deadline === undefined) return;
    const { platform } = this.#options;
    const cancel = platform.after(Math.max(1, Math.ceil(deadline - platform.now())), () => {
      this.#timer = undefined;
      this.send({ kind: 'wake' });
    });
    this.#timer = { at: deadline, cancel };
  }

  #tell(): void {
    const { platform } = this.#options;
    const input = { now: platform.now(), wallTime: platform.wallTime(), latencyMs: this.#latencyMs };
    const next = connectionState(this.#phase, input);
    if (!isSame(next, this.#state)) this.#state = next;
    // Who is told may change the state again: everyone hears of one change before anyone hears of the next.
    if (this.#telling) return;
    this.#telling = true;
    while (this.#told !== this.#state) {
      const previous = this.#told;
      this.#told = this.#state;
      this.#host.changed(this.#told, previous);
    }
    this.#telling = false;
  }
}

function isSame(one: ConnectionState, other: ConnectionState): boolean {
  return (
    one.status === other.status &&
    one.latencyMs === other.latencyMs &&
    one.reason === other.reason &&
    // Two readings of two clocks differ by a millisecond now and then.
    Math.abs((one.retryAt ?? 0) - (other.retryAt ?? 0)) < 20
  );
}
