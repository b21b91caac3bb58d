/**
 * A client's part in the connection that the tabs of one user share: it knows what its client wants, says so to the relay of its
 * group, and hands on what comes. To another relay everything is said again, from where it stands.
 */
import type { ServerFrame } from '@fanfare/protocol';
import { because, type Reason } from '../connection-phase.ts';
import { type ConnectionState, isOpen } from '../connection-state.ts';
import type { Command, Link, LinkHost } from '../link.ts';
import type { Off } from '../listeners.ts';
import type { Platform } from '../platform.ts';
import { ToldState } from '../told-state.ts';
import { type Found, findUser } from './find-user.ts';
import { GroupMember, type GroupMemberOptions } from './group-member.ts';
import { type Tagged, type ToTab, VERSION, type Want } from './messages.ts';

export interface TabLinkOptions extends GroupMemberOptions {
  readonly host: LinkHost;
  readonly platform: Platform;
  /** The name of the user's group. Tabs with other settings have another connection. */
  readonly group: (user: string) => string;
  /** As the application names them; undefined: whose the token is. */
  readonly user: string | undefined;
  /** Tabs cannot share here: the client needs another link. This one rests. */
  readonly alone: () => void;
}

const IDLE: ConnectionState = { status: 'idle' };
const CONNECTING: ConnectionState = { status: 'connecting' };
const BEGINNINGS: readonly string[] = ['idle', 'connecting'];
const MOVED: ConnectionState = { status: 'reconnecting', reason: because('TAB_MOVED') };
/** A tab that wants nothing stays for so long: pages change what they show. */
const LINGER_MS = 5000;

export class TabLink extends GroupMember implements Link {
  readonly #options: TabLinkOptions;
  readonly #told: ToldState;
  /** The shared connection's. */
  #shared: ConnectionState = CONNECTING;
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
    this.hello();
  }

  fail(reason: Reason): void {
    this.#rest();
    this.#told.become({ status: 'failed', reason });
  }

  askLater(): void {
    this.send(['later']);
  }

  reconnect(): void {
    this.send(['again']);
  }

  protected hello(): void {
    this.#wants.clear();
    this.#want();
  }

  protected hear(message: ToTab): void {
    const { host } = this.#options;
    switch (message[0]) {
      case 'state':
        this.#shared = message[1];
        this.#show();
        break;
      case 'frames':
        this.#read(message[1]);
        break;
      case 'unreadable':
        host.unreadable(message[1]);
        break;
      case 'retryChannels':
        host.retryChannels();
        break;
      case 'token':
        void this.#answer(message[1], message[2]);
        break;
      case 'ping':
        this.send(['ack']);
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
    const { host } = this.#options;
    const before = this.#wants;
    const wish = (name: string): Want => [++this.#lastTag, name, host.present(name)];
    this.#wants = new Map(host.wanted().map((name) => [name, before.get(name) ?? wish(name)]));
    this.send(['want', [...this.#wants.values()], host.busy(), VERSION, this.#found?.token]);
  }

  #read(frames: readonly Tagged[]): void {
    const { host } = this.#options;
    for (const [tag, json] of frames) {
      const frame: ServerFrame = JSON.parse(json);
      // What belongs to an older want is not for the client; the answer to a command is, whatever it wants now.
      if (!tag || ('channel' in frame && this.#wants.get(frame.channel ?? '')?.[0] === tag)) host.frame(frame);
    }
    host.read();
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
    // That nobody wanted it yet is none of the client's business.
    const isBegun = !BEGINNINGS.includes(this.#shared.status);
    const isFirst = [...BEGINNINGS, 'failed'].includes(this.state.status);
    const shown = isBegun ? this.#shared : isFirst ? CONNECTING : MOVED;
    this.#told.become(this.#isWanting ? shown : IDLE);
  }
}
