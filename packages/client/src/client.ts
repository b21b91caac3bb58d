/** `createClient`: typed channels over one connection that resumes by itself. */
import {
  type ChannelNames,
  type ChannelShapes,
  type EventFrame,
  encodeCursor,
  type KnownName,
  MAX_CHANNELS_PER_CONNECTION,
  type Position,
  parseChannelName,
  type ServerFrame,
} from '@fanfare/protocol';
import { Channel, type ChannelHost } from './channel.ts';
import { type ChannelRegistry, HandleView } from './channel-handle.ts';
import { ClientError, reportUnhandled } from './client-error.ts';
import { Connection, type ConnectionHost } from './connection.ts';
import { type ConnectionRules, DEFAULT_RULES, type Reason } from './connection-phase.ts';
import type { ConnectionState } from './connection-state.ts';
import type { ChannelHandle, UntypedHandle } from './handles.ts';
import { Listeners, type Off } from './listeners.ts';
import { HERE, type Platform } from './platform.ts';
import type { StreamRequest } from './sse-stream.ts';

export interface ClientOptions {
  /** Where the Fanfare server is, with the path it is mounted under if any. @default the page's own origin; required outside pages */
  readonly url?: string;
  /**
   * The bearer token of the next request; undefined: none. Asked before every attempt, and once more with `refresh: true` when the
   * server answered 401. What it throws is reported, and tried again like a network error.
   */
  readonly token?: (ask: { readonly refresh: boolean }) => string | undefined | Promise<string | undefined>;
  /** As of fetch: 'include' sends cookies to another origin. @default 'same-origin' */
  readonly credentials?: RequestCredentials;
  /** What the client went on from, but somebody should know. @default reportError, or console.error where there is none */
  readonly onError?: (error: ClientError) => void;
  /** Most events that wait for one `for await` loop. @default 1024 */
  readonly maxQueuedEvents?: number;
  /** @default the global fetch */
  readonly fetch?: typeof fetch;
  /** Delays, see docs/reference/client.md. */
  readonly rules?: Partial<ConnectionRules>;
  /** Time, randomness and network, for tests; `fetch` is then the platform's. */
  readonly platform?: Platform;
}

export interface Client<S extends ChannelShapes = ChannelShapes> {
  /**
   * A handle of the channel. Nothing is sent until something listens through it, and handles of one channel share its subscription.
   * `after`, for log channels: a position kept from an earlier life (`handle.position`); everything since is delivered first.
   */
  channel<const N extends ChannelNames<S>>(
    name: N & KnownName<S, N>,
    options?: { readonly after?: string | undefined },
  ): ChannelHandle<S, N>;
  /** The same object until something in it changes. */
  readonly connection: ConnectionState;
  onConnection(listener: (state: ConnectionState) => void): Off;
  /** Tries again now: after `failed`, out of a wait, and for channels that were refused. */
  reconnect(): void;
  /** Ends the connection, every handle and every loop. Listening again begins anew. */
  close(): void;
}

const TOO_MANY_CHANNELS: Reason = {
  code: 'TOO_MANY_CHANNELS',
  message: `One client follows at most ${MAX_CHANNELS_PER_CONNECTION} channels.`,
};

/** Connects when the first listener is there; leaves when the last is gone. @throws TypeError outside a page without `url` */
export function createClient<S extends ChannelShapes = ChannelShapes>(options?: ClientOptions): Client<S>;
export function createClient(options: ClientOptions = {}): unknown {
  // The shapes exist only as types: every client is the same untyped one at run time, and the wire is checked by the server.
  return new LiveClient(options);
}

class LiveClient implements ChannelRegistry, ChannelHost, ConnectionHost {
  readonly #options: ClientOptions;
  readonly #endpoint: URL;
  readonly #channels = new Map<string, Channel>();
  readonly #listeners = new Listeners<[ConnectionState]>();
  readonly #connection: Connection;
  /** Channels of the last request. */
  #asked: readonly string[] = [];
  #scheduled = false;
  #mustRead = false;
  /** The last refusal of a channel: reported already, should it become the connection's. */
  #denied: Reason | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
    this.#endpoint = endpointOf(options.url);
    const platform = options.platform ?? (options.fetch === undefined ? HERE : { ...HERE, fetch: options.fetch });
    const rules = { ...DEFAULT_RULES, ...options.rules };
    this.#connection = new Connection(this, { platform, rules, refreshable: options.token !== undefined });
  }

  get connection(): ConnectionState {
    return this.#connection.state;
  }

  onConnection(listener: (state: ConnectionState) => void): Off {
    return this.#listeners.add(listener);
  }

  channel(name: string, { after }: { readonly after?: string | undefined } = {}): UntypedHandle {
    return new HandleView(name, { find: (key) => this.find(key), demand: (key) => this.demand(key, after) });
  }

  reconnect(): void {
    for (const channel of this.#channels.values()) channel.tell({ kind: 'retried' });
    this.#asked = this.#wanted();
    this.#connection.send({ kind: 'reconnect' });
    this.read();
  }

  close(): void {
    for (const channel of this.#channels.values()) channel.leave();
    this.#channels.clear();
    this.#asked = [];
    this.#connection.send({ kind: 'emptied' });
  }

  find(name: string): Channel | undefined {
    return this.#channels.get(name);
  }

  demand(name: string, after?: string): Channel {
    const known = this.#channels.get(name);
    if (known !== undefined) return known;
    const channel = new Channel(name, this, this.#options.maxQueuedEvents ?? 1024);
    if (after !== undefined) channel.startAfter(after);
    this.#channels.set(name, channel);
    return channel;
  }

  listenersChanged(): void {
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Listeners come and go together (a page mounts and unmounts as a whole): one look at the end of it all.
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#compareChannels();
    });
  }

  readAgain(): void {
    this.#mustRead = true;
    this.listenersChanged();
  }

  askLater(): void {
    this.#connection.send({ kind: 'refresh' });
  }

  report(error: ClientError): void {
    try {
      (this.#options.onError ?? reportUnhandled)(error);
    } catch (cause) {
      reportUnhandled(new ClientError('HANDLER_FAILED', 'onError threw.', { cause }));
    }
  }

  /** The request from where every channel stands at this moment: what is processed later comes twice, and is dropped by offset. */
  async request({ freshToken, signal }: Parameters<ConnectionHost['request']>[0]): Promise<StreamRequest> {
    const token = await this.#token(freshToken);
    signal.throwIfAborted();
    const url = new URL(this.#endpoint);
    const positions = new Map<string, Position>();
    this.#asked = this.#wanted();
    for (const name of this.#asked) {
      const position = this.#channels.get(name)?.present();
      if (position !== undefined) positions.set(name, position);
      url.searchParams.append('channel', name);
    }
    if (positions.size > 0) url.searchParams.set('cursor', encodeCursor(positions));
    const headers = { accept: 'text/event-stream', ...(token && { authorization: `Bearer ${token}` }) };
    const { credentials = 'same-origin' } = this.#options;
    return { url: url.href, init: { headers, credentials, cache: 'no-store' } };
  }

  frame(frame: ServerFrame): void {
    if (!('channel' in frame) || frame.channel === undefined) return;
    const channel = this.#channels.get(frame.channel);
    if (channel === undefined) return;
    if (frame.type === 'event') this.#event(channel, frame);
    else if (frame.type === 'subscribed') channel.subscribed(frame);
    else if (frame.type === 'unsubscribed') {
      // Without a code it answers a command, and this client sends none.
      const { code, reason = '' } = frame;
      if (code !== undefined) this.#deny(channel, { code, message: reason }, false);
    } else this.#deny(channel, { code: frame.code, message: frame.message }, frame.retry === true);
  }

  /** One forbidden channel must not take the others down with it. */
  withoutChannel(name: unknown, reason: Reason): boolean {
    const channel = this.#asked.find((asked) => asked === name);
    if (channel === undefined) return false;
    this.#deny(this.demand(channel), reason, false);
    return this.#asked.length > 0;
  }

  unreadable(problem: string): void {
    this.report(new ClientError('FRAME_INVALID', `The server sent a frame that cannot be read. ${problem}`));
  }

  read(): void {
    for (const channel of this.#channels.values()) channel.flush();
  }

  changed(state: ConnectionState, previous: ConnectionState): void {
    if (previous.status === 'live') for (const channel of this.#channels.values()) channel.tell({ kind: 'dropped' });
    const { status, reason } = state;
    if (status === 'failed' && reason !== undefined && reason !== this.#denied) {
      this.report(new ClientError(reason.code, reason.message));
    }
    this.#listeners.emit([state], (cause) =>
      this.report(new ClientError('HANDLER_FAILED', 'A handler of onConnection threw.', { cause })),
    );
    this.read();
  }

  #event(channel: Channel, frame: EventFrame): void {
    const processing = channel.event(frame);
    if (processing === 'processed') this.#connection.send({ kind: 'progress' });
    if (processing === 'hole') this.#connection.drop({ code: 'EVENT_MISSING', message: 'An event did not arrive.' });
  }

  /** The stream goes on without the channel; when it was the last one, the refusal is the connection's. */
  #deny(channel: Channel, reason: Reason, retry: boolean): void {
    channel.deny(reason, retry);
    if (retry) return;
    this.#denied = reason;
    this.#asked = this.#asked.filter((name) => name !== channel.name);
    if (this.#asked.length === 0) this.#connection.send({ kind: 'refused', reason, refreshable: false });
  }

  async #token(refresh: boolean): Promise<string | undefined> {
    try {
      return await this.#options.token?.({ refresh });
    } catch (cause) {
      this.report(new ClientError('TOKEN_FAILED', 'token() threw.', { cause }));
      throw cause;
    }
  }

  #wanted(): readonly string[] {
    const wanted = [...this.#channels.values()].filter((channel) => channel.wanted && this.#mayAsk(channel));
    for (const channel of wanted.splice(MAX_CHANNELS_PER_CONNECTION)) channel.deny(TOO_MANY_CHANNELS, false);
    return wanted.map((channel) => channel.name);
  }

  /** A name from a user's input must not fail the request of everybody else. */
  #mayAsk(channel: Channel): boolean {
    const name = parseChannelName(channel.name);
    if (!name.ok) channel.deny({ code: name.problem.code, message: `Expected ${name.problem.expected}.` }, false);
    return name.ok;
  }

  #compareChannels(): void {
    for (const [name, channel] of this.#channels) {
      if (channel.listening) continue;
      channel.leave();
      this.#channels.delete(name);
    }
    const wanted = this.#wanted();
    const same = wanted.length === this.#asked.length && wanted.every((name) => this.#asked.includes(name));
    if (!same || this.#mustRead) this.#connection.send({ kind: wanted.length === 0 ? 'emptied' : 'changed' });
    this.#asked = wanted;
    this.#mustRead = false;
    this.read();
  }
}

function endpointOf(url: string | undefined): URL {
  const page = typeof location === 'undefined' ? undefined : location.origin;
  if (url === undefined && page === undefined)
    throw new TypeError('url is required where there is no page to take it from.');
  const base = new URL(url ?? '/', page);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return new URL('live/sse', base);
}
