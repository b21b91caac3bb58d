/**
 * The one connection of many tabs: it runs in a SharedWorker, or in the page of the tab that leads. To the connection it is the
 * client; to each tab, through its port, it is the connection. It holds no event, and of a tab only what it wants and how much of
 * what it was sent it has not processed yet.
 */
import { MAX_CHANNELS_PER_CONNECTION, type ServerFrame } from '@fanfare/protocol';
import type { Reason } from '../connection-phase.ts';
import { type ConnectionState, isOpen } from '../connection-state.ts';
import type { Command, Link, LinkHost } from '../link.ts';
import type { Off } from '../listeners.ts';
import type { Platform } from '../platform.ts';
import { type FromTab, type Port, type ToTab, VERSION, type Want } from './messages.ts';
import type { Hello } from './relay-messages.ts';
import { type RelayPlatform, relayPlatform } from './relay-platform.ts';
import { RelayTab } from './relay-tab.ts';
import { SharedChannel } from './shared-channel.ts';
import { TokenDesk } from './token-desk.ts';

/** Makes the connection. */
export type OpenUpstream = (host: LinkHost, platform: Platform) => Link;

/** The relay's side of a port. */
export interface TabEnd {
  hear(message: FromTab): void;
  /** The tab is known to be dead. */
  leave(): void;
}

/** Whoever says nothing from one beat to the next is frozen, or dead without anybody having noticed. */
const BEAT_MS = 30_000;

export class TabRelay implements LinkHost {
  readonly #platform: RelayPlatform;
  readonly #openUpstream: OpenUpstream;
  /** Who was seen last is last. */
  readonly #tabs = new Set<RelayTab>();
  readonly #channels = new Map<string, SharedChannel<RelayTab>>();
  readonly #tokens: TokenDesk<RelayTab>;
  /** Commands without an answer, by their numbers on the connection: whose, and which of theirs. */
  readonly #commands = new Map<number, { readonly tab: RelayTab; readonly id: number }>();
  /** To be read anew. */
  readonly #again = new Set<string>();
  #lastId = 0;
  /** Connections so far. */
  #count = 0;
  #renewal: 'none' | 'wanted' | 'now' = 'none';
  #upstream: Link | undefined;
  #beat: Off | undefined;

  constructor(platform: Platform, openUpstream: OpenUpstream) {
    this.#platform = relayPlatform(platform);
    this.#openUpstream = openUpstream;
    this.#tokens = new TokenDesk(this.#platform.platform, (tab, message) => this.#send(tab, message));
  }

  attach(port: Port<ToTab>): TabEnd {
    const tab = new RelayTab(port);
    return {
      hear: (message) => this.#hear(tab, message),
      leave: () => this.#forget(tab),
    };
  }

  /** Every tab. */
  tell(message: ToTab): void {
    for (const tab of [...this.#tabs]) this.#send(tab, message);
  }

  /** Nobody is served any more, and the connection ends. */
  close(): void {
    for (const tab of this.#tabs) tab.close();
    this.#tabs.clear();
    this.#channels.clear();
    this.#commands.clear();
    this.#beat?.();
    this.#upstream?.sync();
  }

  wanted(): readonly string[] {
    return this.#renewal === 'now' ? [] : [...this.#channels.keys()];
  }

  busy(): boolean {
    return this.#renewal !== 'now' && [...this.#tabs].some(({ isBusy }) => isBusy);
  }

  present(channel: string): string | undefined {
    return this.#channels.get(channel)?.present();
  }

  /** Of the tab that was seen last, or else another. */
  token(refresh: boolean): Promise<string | undefined> {
    return this.#tokens.ask([...this.#tabs].reverse(), refresh);
  }

  frame(frame: ServerFrame): void {
    if (frame.type === 'published' || (frame.type === 'error' && frame.id !== undefined)) {
      const command = this.#commands.get(frame.id ?? 0);
      this.#commands.delete(frame.id ?? 0);
      command?.tab.push({ ...frame, id: command.id });
      return;
    }
    if (frame.type === 'connected') {
      // Over another wire, though the state is the same: what tabs sent on the last one got no answer, and they send it again.
      this.#commands.clear();
      for (const tab of this.#tabs) tab.push(frame);
      return;
    }
    const channel = 'channel' in frame && this.#channels.get(frame.channel ?? '');
    // What was given up without a code is what nobody wants any more.
    if (!channel || (frame.type === 'unsubscribed' && frame.code === undefined)) return;
    if (frame.type === 'subscribed') {
      for (const { tab, tag, frame: own } of channel.subscribed(frame)) tab.push(own, tag);
      if (channel.mustRead()) this.#again.add(frame.channel);
      return;
    }
    if (frame.type === 'error' && !frame.retry && this.#isNews(channel)) return;
    tellPlaces(channel, frame);
    if (frame.type === 'event') {
      channel.passed(frame.position);
      this.#upstream?.progress();
    } else channel.dropped(false);
  }

  refused(name: string, { code, message }: Reason): void {
    const channel = this.#channels.get(name);
    this.#channels.delete(name);
    if (channel === undefined) return;
    tellPlaces(channel, { type: 'error', channel: name, code, message, retry: false });
    for (const tab of channel.places.keys()) this.#flush(tab);
  }

  unreadable(problem: string): void {
    this.tell(['unreadable', problem]);
  }

  read(): void {
    for (const tab of [...this.#tabs]) this.#flush(tab);
    if (this.#renewal === 'wanted') {
      this.#renewal = 'now';
      this.#sync();
      this.#renewal = 'none';
      this.#sync();
    } else if (this.#again.size > 0) this.#sync();
  }

  retryChannels(): void {
    this.tell(['retryChannels']);
  }

  changed(state: ConnectionState, previous: ConnectionState): void {
    if (isOpen(state) && !isOpen(previous)) this.#count += 1;
    // Answers come over the wire that took the commands; tabs repeat them on another.
    if (!isOpen(state) || state.transport !== previous.transport) this.#commands.clear();
    if (isOpen(previous) && !isOpen(state)) for (const channel of this.#channels.values()) channel.dropped(true);
    this.tell(['state', state]);
  }

  #hear(tab: RelayTab, message: FromTab): void {
    if (message[0] === 'want' && !this.#tabs.has(tab)) this.#welcome(tab, message);
    // A tab that was forgotten has been told.
    if (!this.#tabs.has(tab)) return;
    tab.isSilent = false;
    switch (message[0]) {
      case 'want':
        this.#want(tab, message[1], message[2]);
        break;
      case 'do':
        this.#lastId += 1;
        this.#commands.set(this.#lastId, { tab, id: message[1] });
        // Refused only while there is no connection: the tab is told so, and sends it again when there is.
        this.#upstream?.command(commandOf(this.#lastId, message[2]));
        break;
      case 'ack':
        tab.answered();
        break;
      case 'ping':
        this.#tabs.delete(tab);
        this.#tabs.add(tab);
        this.#send(tab, ['pong']);
        this.#platform.poke(message[1]);
        break;
      case 'token':
        this.#tokens.answer(message);
        break;
      case 'later':
        this.#upstream?.askLater();
        break;
      case 'again':
        this.#upstream?.reconnect();
        break;
      case 'bye':
        this.#forget(tab);
    }
  }

  #welcome(tab: RelayTab, [, , , version, token]: Hello): void {
    if (version !== VERSION || tab.isGone) return;
    this.#upstream ??= this.#openUpstream(this, this.#platform.platform);
    tab.since = isOpen(this.#upstream.state) ? this.#count : 0;
    this.#tabs.add(tab);
    this.#tokens.offer(tab, token);
    this.#send(tab, ['state', this.#upstream.state]);
    if (this.#tabs.size === 1) this.#listen();
    // Somebody opened a page.
    this.#platform.poke('visible');
  }

  #want(tab: RelayTab, wants: readonly Want[], isBusy: boolean): void {
    tab.isBusy = isBusy;
    const wanted = new Set(wants.map(([, name]) => name));
    for (const name of [...this.#channels.keys()]) if (!wanted.has(name)) this.#giveUp(tab, name);
    for (const [tag, name, position] of wants) {
      const channel = this.#channels.get(name) ?? new SharedChannel<RelayTab>(name);
      this.#channels.set(name, channel);
      if (channel.places.get(tab)?.tag === tag) continue;
      const answer = channel.join(tab, tag, position);
      if (answer !== undefined) tab.push(answer.frame, tag);
      if (channel.mustRead()) this.#again.add(name);
    }
    if (this.#channels.size > MAX_CHANNELS_PER_CONNECTION) this.#forget(tab, ['own']);
    else {
      this.#flush(tab);
      this.#sync();
    }
  }

  /**
   * A refusal on a connection that is older than the tab: its user may have logged in since, by a cookie. It is told when a new
   * connection says the same; once per tab.
   */
  #isNews({ places }: SharedChannel<RelayTab>): boolean {
    const since = [...places.keys()].filter((tab) => tab.since === this.#count);
    for (const tab of since) tab.since = 0;
    if (since.length > 0) this.#renewal = 'wanted';
    return since.length > 0;
  }

  #sync(): void {
    const again = [...this.#again];
    this.#again.clear();
    this.#upstream?.sync(again);
  }

  #flush(tab: RelayTab): void {
    if (!tab.flush()) this.#forget(tab, ['gone']);
  }

  #giveUp(tab: RelayTab, name: string): void {
    const places = this.#channels.get(name)?.places;
    places?.delete(tab);
    if (places?.size === 0) this.#channels.delete(name);
  }

  /** Nothing of it stays. */
  #forget(tab: RelayTab, word?: ToTab): void {
    if (!this.#tabs.delete(tab)) return;
    for (const name of [...this.#channels.keys()]) this.#giveUp(tab, name);
    for (const [id, command] of this.#commands) if (command.tab === tab) this.#commands.delete(id);
    if (word !== undefined) tab.send(word);
    tab.close();
    this.#sync();
  }

  #listen(): void {
    this.#beat?.();
    this.#beat = this.#platform.platform.after(BEAT_MS, () => {
      for (const tab of [...this.#tabs]) {
        if (tab.isSilent) this.#forget(tab, ['gone']);
        tab.isSilent = true;
        if (!tab.isGone) tab.ask();
      }
      if (this.#tabs.size > 0) this.#listen();
    });
  }

  /** After what it has to read before. */
  #send(tab: RelayTab, message: ToTab): void {
    this.#flush(tab);
    if (this.#tabs.has(tab)) tab.send(message);
  }
}

/** Events only to those who know where they stand. */
function tellPlaces({ places }: SharedChannel<RelayTab>, frame: ServerFrame): void {
  const json = JSON.stringify(frame);
  for (const [tab, { tag, isOpen: isTold }] of places) if (isTold || frame.type !== 'event') tab.push(json, tag);
}

function commandOf(id: number, text: string): Command {
  return { id, text: JSON.stringify({ ...JSON.parse(text), id }) };
}
