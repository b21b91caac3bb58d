/** The client: its channels, what it publishes, and the link that carries both. */
import { type EventFrame, MAX_CHANNELS_PER_CONNECTION, type ServerFrame } from '@fanfare/protocol';
import { Channel } from './channel.ts';
import { type ChannelRegistry, HandleView } from './channel-handle.ts';
import type { ChannelHost } from './channel-host.ts';
import { ClientError, reportUnhandled } from './client-error.ts';
import type { Client, ClientOptions } from './client-options.ts';
import type { ConnectionOptions } from './connection.ts';
import { DEFAULT_RULES, type Reason } from './connection-phase.ts';
import type { ConnectionState } from './connection-state.ts';
import type { UntypedHandle } from './handles.ts';
import type { Link, LinkHost } from './link.ts';
import { Listeners, type Off } from './listeners.ts';
import { HERE } from './platform.ts';
import { type Publication, PublishQueue, type Receipt } from './publish-queue.ts';
import type { MakeChoice } from './transport-choice.ts';

export interface LinkRequest {
  readonly host: LinkHost;
  readonly options: ConnectionOptions;
}

export interface LiveClientParts {
  readonly choice: MakeChoice;
  /** Makes the client's way to the server. */
  readonly link: (request: LinkRequest) => Link;
}

/** Segments of a channel's name [PROTOCOL §2.1]. */
const CHANNEL_NAME = /^(?!.{129})[\w-]+(?::[\w-]+)*$/;

export class LiveClient implements Client, ChannelRegistry, ChannelHost, LinkHost {
  readonly #options: ClientOptions;
  readonly #channels = new Map<string, Channel>();
  readonly #listeners = new Listeners<[ConnectionState]>();
  readonly #link: Link;
  readonly #publishes: PublishQueue;
  /** Channels to be read anew. */
  readonly #again = new Set<string>();
  #scheduled = false;
  /** The last refusal of a channel: reported already, should it become the connection's. */
  #denied: Reason | undefined;

  constructor(options: ClientOptions, { choice, link }: LiveClientParts) {
    this.#options = options;
    const { credentials = 'same-origin', token, fetch } = options;
    const platform = options.platform ?? (fetch === undefined ? HERE : { ...HERE, fetch });
    const rules = { ...DEFAULT_RULES, ...options.rules };
    const base = baseOf(options.url);
    this.#publishes = new PublishQueue(platform, options.publishing ?? {}, {
      send: (command) => this.#link.command(command),
      quiet: () => this.listenersChanged(),
    });
    this.#link = link({
      host: this,
      options: { base, credentials, platform, rules, choice, refreshable: token !== undefined },
    });
  }

  get connection(): ConnectionState {
    return this.#link.state;
  }

  onConnection(listener: (state: ConnectionState) => void): Off {
    return this.#listeners.add(listener);
  }

  channel(name: string, { after }: { readonly after?: string | undefined } = {}): UntypedHandle {
    return new HandleView(name, {
      find: (key) => this.find(key),
      demand: (key) => this.demand(key, after),
      publish: (publication) => this.publish(publication),
    });
  }

  publish(publication: Publication): Promise<Receipt> {
    const receipt = this.#publishes.publish(publication);
    // A client that only publishes has a connection all the same, for as long as it does.
    this.listenersChanged();
    return receipt;
  }

  reconnect(): void {
    // On an open wire those that were refused for now are asked for again; those refused for good are news to it.
    this.retryChannels();
    for (const channel of this.#channels.values()) channel.tell({ kind: 'retried' });
    this.#link.reconnect();
    this.listenersChanged();
    this.read();
  }

  close(): void {
    for (const channel of this.#channels.values()) channel.leave();
    this.#channels.clear();
    this.#publishes.close();
    this.#link.sync();
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
      this.#sync();
    });
  }

  readAgain(name: string): void {
    this.#again.add(name);
    this.listenersChanged();
  }

  askLater(): void {
    this.#link.askLater();
  }

  retryChannels(): void {
    for (const { name, refusedForNow } of this.#channels.values()) if (refusedForNow) this.readAgain(name);
  }

  report(error: ClientError): void {
    try {
      (this.#options.onError ?? reportUnhandled)(error);
    } catch (cause) {
      reportUnhandled(new ClientError('HANDLER_FAILED', 'onError threw.', { cause }));
    }
  }

  wanted(): readonly string[] {
    const wanted = [...this.#channels.values()].filter((channel) => channel.wanted && this.#mayAsk(channel));
    for (const channel of wanted.splice(MAX_CHANNELS_PER_CONNECTION)) channel.deny(TOO_MANY_CHANNELS, false);
    return wanted.map(({ name }) => name);
  }

  busy(): boolean {
    return this.#publishes.busy;
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
    if (frame.type === 'published' || (frame.type === 'error' && frame.id !== undefined && frame.id > 0)) {
      this.#publishes.answer(frame);
    }
    if (!('channel' in frame) || frame.channel === undefined) return;
    const channel = this.#channels.get(frame.channel);
    if (channel === undefined) return;
    if (frame.type === 'event') this.#event(channel, frame);
    else if (frame.type === 'subscribed') channel.subscribed(frame);
    else if (frame.type === 'unsubscribed') {
      // Without a code it is the answer to our own wish.
      if (frame.code !== undefined) this.#deny(channel, { code: frame.code, message: frame.reason ?? '' }, false);
    } else if (frame.id === undefined) {
      this.#deny(channel, { code: frame.code, message: frame.message }, frame.retry === true);
    }
  }

  /** One forbidden channel must not take the others down with it. */
  refused(channel: string, reason: Reason): void {
    this.#deny(this.demand(channel), reason, false);
  }

  unreadable(problem: string): void {
    this.report(new ClientError('FRAME_INVALID', `The server sent a frame that cannot be read: ${problem}`));
  }

  read(): void {
    for (const channel of this.#channels.values()) channel.flush();
  }

  changed(state: ConnectionState, previous: ConnectionState): void {
    const { status, reason } = state;
    if (isOpen(previous) && !isOpen(state))
      for (const channel of this.#channels.values()) channel.tell({ kind: 'dropped' });
    if (isOpen(state) && (!isOpen(previous) || state.transport !== previous.transport)) this.#publishes.flush();
    if (status === 'failed' && reason !== undefined && reason !== this.#denied) {
      this.report(new ClientError(reason.code, reason.message));
    }
    if (status === 'failed' && reason !== undefined) this.#publishes.refuse(reason);
    this.#listeners.emit([state], (cause) =>
      this.report(new ClientError('HANDLER_FAILED', 'A handler of onConnection threw.', { cause })),
    );
    this.read();
  }

  #event(channel: Channel, frame: EventFrame): void {
    const processing = channel.event(frame);
    if (processing === 'processed') this.#link.progress();
    if (processing === 'hole') this.#link.drop({ code: 'EVENT_MISSING', message: 'An event did not arrive.' });
  }

  #deny(channel: Channel, reason: Reason, retry: boolean): void {
    this.#denied = reason;
    channel.deny(reason, retry);
    if (!retry) this.listenersChanged();
  }

  /** A name from a user's input must not fail the request of everybody else. */
  #mayAsk(channel: Channel): boolean {
    const fits = CHANNEL_NAME.test(channel.name);
    if (!fits) channel.deny(NAME_INVALID, false);
    return fits;
  }

  #sync(): void {
    for (const [name, channel] of this.#channels) {
      if (channel.listening) continue;
      channel.leave();
      this.#channels.delete(name);
    }
    const again = [...this.#again];
    this.#again.clear();
    const nothingLeft = this.#channels.size > 0 && this.wanted().length === 0 && !this.busy();
    if (nothingLeft && this.#denied !== undefined) this.#link.fail(this.#denied);
    else this.#link.sync(again);
    this.read();
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

function isOpen({ status }: ConnectionState): boolean {
  return status === 'live' || status === 'polling';
}

/** Where the server's `/live/` is. */
function baseOf(url: string | undefined): URL {
  const page = typeof location === 'undefined' ? undefined : location.origin;
  if (url === undefined && page === undefined)
    throw new TypeError('url is required where there is no page to take it from.');
  const base = new URL(url ?? '/', page);
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return new URL('live/', base);
}
