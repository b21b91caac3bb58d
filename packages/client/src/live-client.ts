/** The client: its channels, and the link that carries them. */
import { MAX_CHANNELS_PER_CONNECTION, type ServerFrame } from '@fanfare/protocol';
import { Channel } from './channel.ts';
import type { ChannelHost } from './channel-host.ts';
import { ClientError, errorOf, reportUnhandled } from './client-error.ts';
import type { ClientOptions } from './client-options.ts';
import type { ConnectionOptions } from './connection.ts';
import { because, DEFAULT_RULES, type Reason } from './connection-phase.ts';
import { type ConnectionState, isOpen } from './connection-state.ts';
import { type ChannelRegistry, Handle } from './handle.ts';
import type { Link, LinkHost } from './link.ts';
import { type Off, tellAll } from './listeners.ts';
import type { Surroundings } from './platform.ts';

export interface LinkRequest {
  readonly host: LinkHost;
  readonly options: ConnectionOptions;
}

export interface LiveClientParts {
  /** Where it runs, unless the application says otherwise. */
  readonly here: Surroundings;
  /** Makes the client's way to the server. */
  readonly link: (request: LinkRequest) => Link;
}

/** Segments of a channel's name [PROTOCOL §2.1]. */
const CHANNEL_NAME = /^(?!.{129})[\w-]+(?::[\w-]+)*$/;

export class LiveClient implements ChannelRegistry, ChannelHost, LinkHost {
  protected link: Link;
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

  constructor(options: ClientOptions, { here, link }: LiveClientParts) {
    const { credentials = 'same-origin', token, fetch } = options;
    const platform = options.platform ?? (fetch ? { ...here, fetch } : here);
    const rules = { ...DEFAULT_RULES, ...options.rules };
    this.#options = options;
    this.link = link({
      host: this,
      options: { base: baseOf(options.url), credentials, platform, rules, refreshable: token !== undefined },
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
    this.retryChannels(true);
    this.link.reconnect();
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

  /** Asks again for those that were refused for now, or for all that were refused. */
  retryChannels(all?: boolean): void {
    for (const channel of this.#channels.values()) if (channel.retried(all)) this.wantedChanged(channel.name);
  }

  report(error: ClientError): void {
    try {
      (this.#options.onError ?? reportUnhandled)(error);
    } catch (cause) {
      reportUnhandled(errorOf('HANDLER_FAILED', cause));
    }
  }

  wanted(): readonly string[] {
    return [...this.#channels.values()].filter(({ isWanted }) => isWanted).map(({ name }) => name);
  }

  busy(): boolean {
    return false;
  }

  present(channel: string): string | undefined {
    return this.#channels.get(channel)?.present();
  }

  async token(refresh: boolean): Promise<string | undefined> {
    try {
      return await this.#options.token?.({ refresh });
    } catch (cause) {
      const error = errorOf('TOKEN_FAILED', cause);
      this.report(error);
      throw error;
    }
  }

  frame(frame: ServerFrame): void {
    const channel = 'channel' in frame && this.#channels.get(frame.channel ?? '');
    if (!channel) return;
    if (frame.type === 'event') {
      if (channel.event(frame)) this.link.progress();
      else this.link.drop(because('EVENT_MISSING'));
    } else if (frame.type === 'subscribed') channel.subscribed(frame);
    else if (frame.type === 'error') this.#deny(channel, because(frame.code, frame.message), frame.retry);
    // Without a code it is the answer to our own wish.
    else if (frame.code) this.#deny(channel, because(frame.code, frame.reason));
  }

  refused(name: string, reason: Reason): void {
    const channel = this.#channels.get(name);
    if (channel) this.#deny(channel, reason);
  }

  unreadable(problem: string): void {
    this.report(errorOf('FRAME_INVALID', problem));
  }

  read(): void {}

  changed(state: ConnectionState, _previous: ConnectionState): void {
    const { status, reason } = state;
    if (!isOpen(state)) for (const channel of this.#channels.values()) channel.dropped();
    if (status === 'failed' && reason && reason !== this.#denied) {
      this.report(new ClientError(reason.code, reason.message));
    }
    const failed = (cause: unknown): void => this.report(errorOf('HANDLER_FAILED', cause));
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
    for (const [name, channel] of this.#channels) if (!channel.isListenedTo) this.#channels.delete(name);
    for (const [place, name] of this.wanted().entries()) {
      // A name from a user's input must not fail the request of everybody else.
      if (!CHANNEL_NAME.test(name)) this.refused(name, because('CHANNEL_NAME_INVALID'));
      else if (place >= MAX_CHANNELS_PER_CONNECTION) this.refused(name, because('TOO_MANY_CHANNELS'));
    }
    const again = [...this.#again];
    this.#again.clear();
    const isAllDenied = this.#channels.size > 0 && this.wanted().length === 0 && !this.busy();
    if (isAllDenied && this.#denied) this.link.fail(this.#denied);
    else this.link.sync(again);
  }
}

/** Where the server's `/live/` is. Throws a TypeError outside pages, where a URL must be whole. */
function baseOf(url = '/'): URL {
  const base = new URL(url, globalThis.location?.origin);
  base.pathname = base.pathname.replace(/\/?$/, '/live/');
  return base;
}
