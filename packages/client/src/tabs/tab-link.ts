/**
 * A client's part in the connection that the tabs of one user share: it knows what its client wants, says so to the relay, and hands
 * on what comes. When the relay is another, or the page was away, everything is wanted again from where it stands.
 */
import type { Reason } from '../connection-phase.ts';
import type { ConnectionState } from '../connection-state.ts';
import type { Command, Link, LinkHost } from '../link.ts';
import type { Off } from '../listeners.ts';
import type { Platform } from '../platform.ts';
import { ToldState } from '../told-state.ts';
import { Membership, type MembershipHost } from './membership.ts';
import { type FromTab, isOpen, readLine, sizeOf, type ToTab, VERSION, type Want } from './messages.ts';
import { TabIdentity } from './tab-identity.ts';
import type { OpenWay } from './way.ts';

/** What a tab is told about its page. */
export interface TabPage {
  isVisible(): boolean;
  /** false: the page is about to be frozen, or is left and may be restored. true: it is back. */
  watch(listener: (awake: boolean) => void): Off;
}

export interface TabLinkOptions {
  readonly host: LinkHost;
  readonly platform: Platform;
  /** What the relay needs to know to open the connection. */
  readonly settings: unknown;
  /** Names the group, but for the user: tabs with other settings have another connection. */
  readonly group: string;
  /** As the application names them; undefined: whose the token is. */
  readonly user: string | undefined;
  /** Best first. */
  readonly ways: readonly OpenWay[];
  readonly page: TabPage;
  /** Tabs cannot share here: the client needs another link. This one rests. */
  readonly alone: () => void;
}

const IDLE: ConnectionState = { status: 'idle' };
const CONNECTING: ConnectionState = { status: 'connecting' };
const MOVED: ConnectionState = {
  status: 'reconnecting',
  reason: { code: 'TAB_MOVED', message: 'The connection of all tabs moves to another tab.' },
};
/** A tab that wants nothing stays for so long: pages change what they show. */
const LINGER_MS = 5000;
/** After the application had no token. */
const TOKEN_RETRY_MS = 3000;
/** So much is processed before the relay is told. */
const ACK_SIZE = 1 << 17;

export class TabLink implements Link, MembershipHost {
  readonly #options: TabLinkOptions;
  readonly #host: LinkHost;
  readonly #told: ToldState;
  /** The shared connection's. */
  #shared: ConnectionState = CONNECTING;
  /** The client saw the connection open: what comes next is no first time. */
  #wasOpen = false;
  #member: Membership | undefined;
  /** In a group, or on the way into one; changes with every way in. */
  #stay: object | undefined;
  readonly #identity: TabIdentity;
  #user: string | undefined;
  #isWanting = false;
  /** What the relay was told. */
  #isBusy = false;
  #isAsleep = false;
  #unwatch: Off | undefined;
  /** To leave, or to try again to enter. */
  #timer: Off | undefined;
  #lastTag = 0;
  /** What the relay was told that is wanted: by tag. */
  readonly #tags = new Map<string, number>();
  /** Channels whose `subscribed` has not come: events that come all the same belong to an older want. */
  readonly #shut = new Set<string>();
  #processed = 0;

  constructor(options: TabLinkOptions) {
    this.#options = options;
    this.#host = options.host;
    this.#identity = new TabIdentity(options.host, options.platform, options.user);
    this.#told = new ToldState((state, previous) => this.#host.changed(state, previous));
  }

  get state(): ConnectionState {
    return this.#told.state;
  }

  sync(again: readonly string[] = []): void {
    this.#isWanting = this.#host.wanted().length > 0 || this.#host.busy();
    this.#timer?.();
    if (this.#stay !== undefined) this.#want(again);
    else if (this.#isWanting && !this.#isAsleep) void this.#enter();
    if (!this.#isWanting) this.#timer = this.#options.platform.after(LINGER_MS, () => this.#rest());
    this.#show();
  }

  command(command: Command): boolean {
    const taken = isOpen(this.#told.state);
    if (taken) this.#member?.send(['do', command.id, command.text]);
    return taken;
  }

  /** The relay sees for itself what comes. */
  progress(): void {}

  /** Nobody else misses what this tab misses: its own channels are read anew. */
  drop(): void {
    this.#want(this.#host.wanted());
  }

  fail(reason: Reason): void {
    this.#rest();
    this.#set({ status: 'failed', reason });
  }

  askLater(): void {
    this.#member?.send(['later']);
  }

  reconnect(): void {
    this.#member?.send(['again']);
  }

  hello(): FromTab {
    this.#tags.clear();
    this.#shut.clear();
    this.#processed = 0;
    this.#isBusy = this.#host.busy();
    const wants = this.#host.wanted().map((name) => this.#wish(name));
    return ['hello', VERSION, this.#options.settings, wants, this.#isBusy];
  }

  lost(): void {
    this.#shared = CONNECTING;
    this.#show();
  }

  alone(): void {
    this.#rest();
    this.#options.alone();
  }

  hear(message: ToTab): void {
    switch (message[0]) {
      case 'welcome':
      case 'state':
        this.#shared = message[1];
        this.#show();
        break;
      case 'frames':
        this.#read(message[1].split('\n'));
        break;
      case 'refused':
        this.#host.refused(message[1], message[2]);
        break;
      case 'bad':
        this.#host.unreadable(message[1]);
        break;
      case 'keep':
        this.#options.platform.remember?.(message[1], message[2]);
        break;
      case 'retry':
        this.#host.retryChannels();
        break;
      case 'token':
        void this.#answer(message[1], message[2]);
    }
  }

  async #enter(): Promise<void> {
    const { platform, group, ways, page } = this.#options;
    const stay = {};
    this.#stay = stay;
    this.#unwatch ??= this.#watch();
    const user = await this.#identity.user();
    if (this.#stay !== stay) return;
    this.#user = user;
    if (user === undefined) {
      this.#leave();
      this.#timer = platform.after(TOKEN_RETRY_MS, () => this.sync());
    } else {
      const isVisible = (): boolean => page.isVisible();
      this.#member = new Membership({ group: `${group} ${user}`, ways, platform, isVisible, host: this });
    }
  }

  #leave(): void {
    this.#stay = undefined;
    this.#member?.leave();
    this.#member = undefined;
    this.#timer?.();
    this.#tags.clear();
    this.#shared = CONNECTING;
  }

  /** Nothing is heard of the page any more. */
  #rest(): void {
    this.#leave();
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  #watch(): Off {
    const { platform, page } = this.#options;
    const signals = platform.watch((signal) => this.#member?.wake(signal));
    const life = page.watch((awake) => {
      this.#isAsleep = !awake;
      if (!awake) this.#leave();
      this.sync();
    });
    return () => {
      signals();
      life();
    };
  }

  #want(again: readonly string[]): void {
    const wanted = this.#host.wanted();
    const gone = [...this.#tags.keys()].filter((name) => !wanted.includes(name));
    for (const name of gone) this.#tags.delete(name);
    const wants = wanted
      .filter((name) => !this.#tags.has(name) || again.includes(name))
      .map((name) => this.#wish(name));
    const isBusy = this.#host.busy();
    if (wants.length + gone.length > 0 || isBusy !== this.#isBusy) this.#member?.send(['want', wants, gone, isBusy]);
    this.#isBusy = isBusy;
  }

  #wish(name: string): Want {
    this.#lastTag += 1;
    this.#tags.set(name, this.#lastTag);
    this.#shut.add(name);
    return [this.#lastTag, name, this.#host.present(name)];
  }

  #read(lines: readonly string[]): void {
    for (const line of lines) {
      const { tag, frame } = readLine(line);
      // The answer to a command is for the client whatever it wants now.
      if ('channel' in frame && frame.channel !== undefined && !('id' in frame)) {
        const known = this.#tags.get(frame.channel);
        if (frame.type === 'subscribed' && tag === known) this.#shut.delete(frame.channel);
        if (known === undefined || (frame.type !== 'error' && this.#shut.has(frame.channel))) continue;
      }
      this.#host.frame(frame);
    }
    this.#host.read();
    this.#processed += lines.reduce((size, line) => size + sizeOf(line), 0);
    if (this.#processed < ACK_SIZE) return;
    this.#member?.send(['ack', this.#processed]);
    this.#processed = 0;
  }

  async #answer(ask: number, refresh: boolean): Promise<void> {
    const member = this.#member;
    const turn = member?.turn;
    const found = await this.#identity.find(refresh);
    if (member === undefined || member !== this.#member) return;
    const isOther = found !== undefined && found.user !== this.#user;
    // A relay that does not know this tab any more did not ask.
    if (member.turn === turn)
      member.send(['token', ask, found !== undefined && !isOther, isOther ? undefined : found?.token]);
    if (!isOther) return;
    // Of another user now, who has nothing to do with these tabs.
    this.#identity.keep(found);
    this.#leave();
    this.sync();
  }

  /** What the client may know of the shared connection. */
  #show(): void {
    const { status } = this.#shared;
    // That nobody wanted it yet is none of the client's business.
    const isFirst = status === 'idle' || status === 'connecting';
    const shown = isFirst ? (this.#wasOpen ? MOVED : CONNECTING) : this.#shared;
    this.#set(this.#isWanting ? shown : IDLE);
  }

  #set(state: ConnectionState): void {
    this.#wasOpen = isOpen(state) || (this.#wasOpen && state.status !== 'idle' && state.status !== 'failed');
    this.#told.become(state);
  }
}
