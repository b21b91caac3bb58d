/**
 * A client's part in the connection that the tabs of one user share: it knows what its client wants, says so to the relay of its
 * group, and hands on what comes. To another relay everything is said again, from where it stands.
 */
import type { Reason } from '../connection-phase.ts';
import type { ConnectionState } from '../connection-state.ts';
import type { Command, Link, LinkHost } from '../link.ts';
import type { Off } from '../listeners.ts';
import type { Platform } from '../platform.ts';
import { ToldState } from '../told-state.ts';
import { type Found, findUser } from './find-user.ts';
import { GroupMember, type GroupMemberOptions } from './group-member.ts';
import { isOpen, readLine, sizeOf, type ToTab, VERSION, type Want } from './messages.ts';

export interface TabLinkOptions extends GroupMemberOptions {
  readonly host: LinkHost;
  readonly platform: Platform;
  /** What the connection remembered at the last visit. */
  readonly memory: string | undefined;
  /** The name of the user's group. Tabs with other settings have another connection. */
  readonly group: (user: string) => string;
  /** As the application names them; undefined: whose the token is. */
  readonly user: string | undefined;
  /** Tabs cannot share here: the client needs another link. This one rests. */
  readonly alone: () => void;
}

const CONNECTING: ConnectionState = { status: 'connecting' };
const MOVED: ConnectionState = {
  status: 'reconnecting',
  reason: { code: 'TAB_MOVED', message: 'Another tab takes over.' },
};
/** A tab that wants nothing stays for so long: pages change what they show. */
const LINGER_MS = 5000;
/** So much is processed before the relay is told. */
const ACK_SIZE = 1 << 17;

export class TabLink extends GroupMember implements Link {
  readonly #options: TabLinkOptions;
  readonly #told: ToldState;
  /** The shared connection's. */
  #shared: ConnectionState = CONNECTING;
  /** The client saw the connection open: what comes next is no first time. */
  #wasOpen = false;
  #isWanting = false;
  /** In a group, or on the way into one; another with every way in. */
  #stay: object | undefined;
  #found: Found | undefined;
  #unwatch: Off | undefined;
  /** To leave. */
  #lingering: Off | undefined;
  #lastTag = 0;
  /** What the relay was told that is wanted, by channel. */
  #wants = new Map<string, Want>();
  #processed = 0;

  constructor(options: TabLinkOptions) {
    super(options);
    this.#options = options;
    this.#told = new ToldState((state, previous) => options.host.changed(state, previous));
  }

  get state(): ConnectionState {
    return this.#told.state;
  }

  sync(again: readonly string[] = []): void {
    const { host, platform } = this.#options;
    this.#isWanting = host.wanted().length > 0 || host.busy();
    this.#lingering?.();
    for (const name of again) this.#wants.delete(name);
    if (this.#stay) this.#want();
    else if (this.#isWanting) void this.#enter();
    if (!this.#isWanting) this.#lingering = platform.after(LINGER_MS, () => this.#rest());
    this.#show();
  }

  command({ id, text }: Command): boolean {
    const taken = isOpen(this.state);
    if (taken) this.send(['do', id, text]);
    return taken;
  }

  /** The relay sees for itself what comes. */
  progress(): void {}

  /** Nobody else misses what this tab misses: its own channels are read anew. */
  drop(): void {
    this.#wants.clear();
    this.#want();
  }

  fail(reason: Reason): void {
    this.#rest();
    this.#set({ status: 'failed', reason });
  }

  askLater(): void {
    this.send(['later']);
  }

  reconnect(): void {
    this.send(['again']);
  }

  protected hello(): void {
    this.#processed = 0;
    this.drop();
  }

  protected hear(message: ToTab): void {
    const { host, platform } = this.#options;
    switch (message[0]) {
      case 'state':
        this.#shared = message[1];
        this.#show();
        break;
      case 'frames':
        this.#read(message[1].split('\n'));
        break;
      case 'unreadable':
        host.unreadable(message[1]);
        break;
      case 'keep':
        platform.remember?.(message[1], message[2]);
        break;
      case 'retryChannels':
        host.retryChannels();
        break;
      case 'token':
        void this.#answer(message[1], message[2]);
        break;
      case 'ping':
        this.#acknowledge();
    }
  }

  protected alone(): void {
    this.#rest();
    this.#options.alone();
  }

  async #enter(): Promise<void> {
    const { host, user, group, platform } = this.#options;
    const stay = {};
    this.#stay = stay;
    this.#unwatch ??= platform.watch((signal) => this.wake(signal));
    const found = user === undefined ? await findUser(host, false) : { user };
    if (this.#stay !== stay) return;
    this.#found = found;
    if (found) this.join(group(found.user));
    else this.alone();
  }

  /** Nothing is heard of the page any more. */
  #rest(): void {
    this.#stay = undefined;
    this.leave();
    this.#lingering?.();
    this.#unwatch?.();
    this.#unwatch = undefined;
  }

  #want(): void {
    const { host, memory } = this.#options;
    const before = this.#wants;
    const wish = (name: string): Want => [++this.#lastTag, name, host.present(name)];
    this.#wants = new Map(host.wanted().map((name) => [name, before.get(name) ?? wish(name)]));
    this.send(['want', [...this.#wants.values()], host.busy(), VERSION, memory, this.#found?.token]);
  }
  #read(lines: readonly string[]): void {
    const { host } = this.#options;
    for (const line of lines) {
      const { tag, frame } = readLine(line);
      const channel = 'channel' in frame ? frame.channel : undefined;
      // What belongs to an older want is not for the client; the answer to a command is, whatever it wants now.
      if (!tag || this.#wants.get(channel ?? '')?.[0] === tag) host.frame(frame);
      this.#processed += sizeOf(line);
    }
    host.read();
    if (this.#processed > ACK_SIZE) this.#acknowledge();
  }

  #acknowledge(): void {
    this.send(['ack', this.#processed]);
    this.#processed = 0;
  }

  async #answer(ask: string, refresh: boolean): Promise<void> {
    const { host, user } = this.#options;
    const stay = this.#stay;
    const found = await findUser(host, refresh, user);
    if (this.#stay !== stay) return;
    const isMine = found?.user === this.#found?.user;
    this.send(['token', ask, isMine, isMine ? found?.token : undefined]);
    // Of another user now, who has nothing to do with these tabs.
    if (found && !isMine) void this.#enter();
  }

  /** What the client may know of the shared connection. */
  #show(): void {
    const { status } = this.#shared;
    // That nobody wanted it yet is none of the client's business.
    const isFirst = status === 'idle' || status === 'connecting';
    const shown = isFirst ? (this.#wasOpen ? MOVED : CONNECTING) : this.#shared;
    this.#set(this.#isWanting ? shown : { status: 'idle' });
  }

  #set(state: ConnectionState): void {
    this.#wasOpen = isOpen(state) || (this.#wasOpen && state.status !== 'idle' && state.status !== 'failed');
    this.#told.become(state);
  }
}
