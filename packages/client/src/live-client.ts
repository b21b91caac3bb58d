/** The client: its channels, and the link that carries them. */
import { type ErrorFrame, MAX_CHANNELS_PER_CONNECTION, type PublishedFrame, type ServerFrame } from '@fanfare/protocol';
import { Channel } from './channel.ts';
import type { ChannelHost } from './channel-host.ts';
import { ClientError, reportUnhandled } from './client-error.ts';
import type { ClientOptions } from './client-options.ts';
import type { ConnectionOptions } from './connection.ts';
import { DEFAULT_RULES, type Reason } from './connection-phase.ts';
import { type ConnectionState, isOpen } from './connection-state.ts';
import { type ChannelRegistry, Handle } from './handle.ts';
import type { Link, LinkHost } from './link.ts';
import { type Off, tellAll } from './listeners.ts';
import { HERE, type Platform } from './platform.ts';
import type { MakeChoice } from './transport-choice.ts';

export interface LinkRequest {
  readonly host: LinkHost;
  readonly options: ConnectionOptions;
  /** Another link is the client's from now on; the old one says nothing any more. */
  readonly replace: (link: Link) => void;
}

export interface LiveClientParts {
  readonly choice: MakeChoice;
  /** Makes the client's way to the server. */
  readonly link: (request: LinkRequest) => Link;
}

/** What a client publishes, where it does. */
export interface Outbox {
  readonly busy: boolean;
  answer(frame: PublishedFrame | ErrorFrame): void;
  /** There is a connection, or another one. */
  flush(): void;
  /** The server will not have what waits. */
  refuse(reason: Reason): void;
}

/** Segments of a channel's name [PROTOCOL §2.1]. */
const CHANNEL_NAME = /^(?!.{129})[\w-]+(?::[\w-]+)*$/;

export class LiveClient implements ChannelRegistry, ChannelHost, LinkHost {
  protected readonly platform: Platform;
  protected link: Link;
  protected outbox: Outbox | undefined;
  readonly #options: ClientOptions;
  readonly #channels = new Map<string, Channel>();
  readonly #listeners = new Set<{ readonly tell: (state: ConnectionState) => unknown }>();
  /** Channels to be read anew. */
  readonly #again = new Set<string>();
  #isScheduled = false;
  /** What is wanted of the server may be something else. */
  #isStale = false;
  /** The last refusal of a channel: reported already, should it become the connection's. */
  #denied: Reason | undefined;

  constructor(options: ClientOptions, { choice, link }: LiveClientParts) {
    this.#options = options;
    const { credentials = 'same-origin', token, fetch } = options;
    const platform = options.platform ?? (fetch ? { ...HERE, fetch } : HERE);
    const rules = { ...DEFAULT_RULES, ...options.rules };
    const base = baseOf(options.url);
    this.platform = platform;
    this.link = link({
      host: this,
      options: { base, credentials, platform, rules, choice, refreshable: token !== undefined },
      replace: (other) => {
        this.link = other;
        other.sync();
      },
    });
  }

  get connection(): ConnectionState {
    return this.link.state;
  }

  onConnection(tell: (state: ConnectionState) => unknown): Off {
    const listener = { tell };
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  channel(name: string, { after }: { readonly after?: string | undefined } = {}): Handle {
    return new Handle(name, this, after);
  }

  reconnect(): void {
    // On an open wire those that were refused for now are asked for again; those refused for good are news to it.
    this.retryChannels();
    for (const channel of this.#channels.values()) channel.retried();
    this.link.reconnect();
    this.wantedChanged();
  }

  close(): void {
    const channels = [...this.#channels.values()];
    this.#channels.clear();
    for (const channel of channels) channel.close();
    this.link.sync();
  }

  find(name: string): Channel | undefined {
    return this.#channels.get(name);
  }

  demand(name: string, after: string | undefined): Channel {
    const channel = this.#channels.get(name) ?? new Channel(name, this, after);
    this.#channels.set(name, channel);
    return channel;
  }

  wantedChanged(readAgain?: string): void {
    if (readAgain !== undefined) this.#again.add(readAgain);
    this.#isStale = true;
    this.touched();
  }

  touched(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    // Much changes together (a page mounts and unmounts as a whole): one look at the end of it all.
    queueMicrotask(() => {
      this.#isScheduled = false;
      if (this.#isStale) this.#sync();
      for (const channel of this.#channels.values()) channel.flush();
    });
  }

  retryChannels(): void {
    for (const { name, isRefusedForNow } of this.#channels.values()) if (isRefusedForNow) this.wantedChanged(name);
  }

  report(error: ClientError): void {
    try {
      (this.#options.onError ?? reportUnhandled)(error);
    } catch (cause) {
      reportUnhandled(new ClientError('HANDLER_FAILED', 'onError threw.', { cause }));
    }
  }

  wanted(): readonly string[] {
    return [...this.#channels.values()].filter(({ isWanted }) => isWanted).map(({ name }) => name);
  }

  busy(): boolean {
    return this.outbox?.busy === true;
  }

  present(channel: string): string | undefined {
    return this.#channels.get(channel)?.present();
  }

  async token(refresh: boolean): Promise<string | undefined> {
    try {
      return await this.#options.token?.({ refresh });
    } catch (cause) {
      this.report(new ClientError('TOKEN_FAILED', 'token() threw.', { cause }));
      throw cause;
    }
  }

  frame(frame: ServerFrame): void {
    const channel = 'channel' in frame && this.#channels.get(frame.channel ?? '');
    if (frame.type === 'published' || (frame.type === 'error' && frame.id)) this.outbox?.answer(frame);
    else if (!channel) return;
    else if (frame.type === 'event') {
      if (channel.event(frame)) this.link.progress();
      else this.link.drop({ code: 'EVENT_MISSING', message: 'An event did not arrive.' });
    } else if (frame.type === 'subscribed') channel.subscribed(frame);
    else if (frame.type === 'error') this.#deny(channel, { code: frame.code, message: frame.message }, frame.retry);
    // Without a code it is the answer to our own wish.
    else if (frame.code) this.#deny(channel, { code: frame.code, message: frame.reason ?? '' });
  }

  /** One forbidden channel must not take the others down with it. */
  refused(name: string, reason: Reason): void {
    const channel = this.#channels.get(name);
    if (channel) this.#deny(channel, reason);
  }

  unreadable(problem: string): void {
    this.report(new ClientError('FRAME_INVALID', `The server sent a frame that cannot be read: ${problem}`));
  }

  read(): void {}

  changed(state: ConnectionState, previous: ConnectionState): void {
    const { status, reason, transport } = state;
    if (!isOpen(state)) for (const channel of this.#channels.values()) channel.dropped();
    else if (!isOpen(previous) || transport !== previous.transport) this.outbox?.flush();
    if (status === 'failed' && reason) {
      if (reason !== this.#denied) this.report(new ClientError(reason.code, reason.message));
      this.outbox?.refuse(reason);
    }
    const failed = (cause: unknown): void =>
      this.report(new ClientError('HANDLER_FAILED', 'A handler threw.', { cause }));
    tellAll(this.#listeners, ({ tell }) => tell(state), failed);
  }

  #deny(channel: Channel, reason: Reason, retry = false): void {
    this.#denied = reason;
    channel.deny(reason, retry);
    if (retry) this.link.askLater();
    else this.wantedChanged();
  }

  #sync(): void {
    this.#isStale = false;
    let wanted = 0;
    for (const [name, channel] of this.#channels) {
      if (!channel.isListenedTo) this.#channels.delete(name);
      else if (channel.isWanted) {
        wanted += 1;
        // A name from a user's input must not fail the request of everybody else.
        if (!CHANNEL_NAME.test(name)) this.#deny(channel, NAME_INVALID);
        else if (wanted > MAX_CHANNELS_PER_CONNECTION) this.#deny(channel, TOO_MANY_CHANNELS);
      }
    }
    const again = [...this.#again];
    this.#again.clear();
    const isAllDenied = this.#channels.size > 0 && this.wanted().length === 0 && !this.busy();
    if (isAllDenied && this.#denied) this.link.fail(this.#denied);
    else this.link.sync(again);
  }
}

const TOO_MANY_CHANNELS: Reason = {
  code: 'TOO_MANY_CHANNELS',
  message: `One client follows at most ${MAX_CHANNELS_PER_CONNECTION} channels.`,
};
const NAME_INVALID: Reason = {
  code: 'CHANNEL_NAME_INVALID',
  message: 'Expected segments of A-Z a-z 0-9 _ - joined by ":".',
};

/** Where the server's `/live/` is. */
function baseOf(url: string | undefined): URL {
  const page = typeof location === 'undefined' ? undefined : location.origin;
  if (url === undefined && page === undefined) throw new TypeError('url is required outside pages.');
  const base = new URL(url ?? '/', page);
  base.pathname = base.pathname.replace(/\/?$/, '/live/');
  return base;
}
