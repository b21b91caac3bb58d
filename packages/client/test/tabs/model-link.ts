/** A client’s link to the model server: it may be cut, refused and late, as a wire is. */
import type { ServerFrame } from '@fanfare/protocol';
import type { ConnectionState } from '../../src/connection-state.ts';
import type { Command, Link, LinkHost } from '../../src/link.ts';
import type { Platform } from '../../src/platform.ts';
import type { ModelServer } from './model-server.ts';
import type { Page } from './tab-world.ts';

export interface ModelLinkParts {
  readonly page: Page;
  readonly platform: Platform;
  readonly host: LinkHost;
}

/** A client's connection to it, with the manners of the real one: unsubscribes and subscribes to read anew. */
export class ModelLink implements Link {
  state: ConnectionState = { status: 'idle' };
  /** As the server has it: events go on until it has heard that they are not wanted. */
  readonly subscribed = new Set<string>();
  readonly #asked = new Set<string>();
  readonly page: Page;
  readonly #server: ModelServer;
  readonly #host: LinkHost;
  /** Frames and commands of an earlier wire go nowhere. */
  #wire = 0;
  #later: (() => void) | undefined;
  readonly #platform: Platform;
  #unwatch: (() => void) | undefined;
  token: string | undefined;
  #user = '';

  constructor({ page, platform, host }: ModelLinkParts) {
    this.page = page;
    this.#platform = platform;
    this.#server = page.world.server;
    this.#host = host;
  }

  sync(again: readonly string[] = []): void {
    const wanted = this.#host.wanted();
    if (wanted.length === 0 && !this.#host.busy()) this.#end({ status: 'idle' });
    else if (this.state.status === 'live') this.#ask(again);
    else if (this.state.status === 'idle' || this.state.status === 'failed') this.#open('connecting');
  }

  command({ text }: Command): boolean {
    if (this.state.status !== 'live') return false;
    this.#toServer(() => this.deliver(this.#server.obey(JSON.parse(text))));
    return true;
  }

  progress(): void {}

  drop(): void {
    this.cut();
  }

  fail(reason: { readonly code: string; readonly message: string }): void {
    this.#end({ status: 'failed', reason });
  }

  askLater(): void {
    this.#platform.after(1000, () => this.#host.retryChannels());
  }

  reconnect(): void {
    if (this.state.status !== 'live') this.#open('connecting');
  }

  /** From the server: arrives when the page gets to it, in order. */
  deliver(...frames: readonly ServerFrame[]): void {
    const wire = this.#wire;
    this.page.enqueue(() => {
      if (wire !== this.#wire) return;
      for (const frame of frames) if (wire === this.#wire) this.#host.frame(frame);
      if (wire === this.#wire) this.#host.read();
    });
  }

  /** The wire is gone, and what was on it. */
  cut(): void {
    if (this.state.status !== 'live') return;
    this.#server.connections.delete(this);
    this.#wire += 1;
    const wire = this.#wire;
    this.page.enqueue(() => wire === this.#wire && this.#retry());
  }

  #retry(): void {
    this.#end({ status: 'reconnecting', reason: { code: 'CUT', message: 'cut' } });
    this.#later = this.#platform.after(500, () => this.#open('reconnecting'));
  }

  #open(status: 'connecting' | 'reconnecting'): void {
    this.#end({ status });
    this.#unwatch ??= this.#platform.watch((signal) => {
      if (signal === 'offline') this.#end({ status: 'offline' });
      if (signal === 'online' && this.state.status === 'offline') this.#open('reconnecting');
    });
    const wire = this.#wire;
    void this.#host.token(false).then(
      (token) => {
        this.token = token;
        if (wire === this.#wire) this.#toServer(() => (this.#server.isDown ? this.#refuse() : this.#connected()));
      },
      () => wire === this.#wire && this.#retry(),
    );
  }

  #refuse(): void {
    const wire = this.#wire;
    this.page.enqueue(() => wire === this.#wire && this.#retry());
  }

  #connected(): void {
    this.#server.connections.add(this);
    this.#user = this.#server.user;
    const wire = this.#wire;
    this.page.enqueue(() => {
      if (wire !== this.#wire) return;
      this.#become({ status: 'live', transport: 'ws' });
      if (wire === this.#wire) this.#ask([]);
    });
  }

  #ask(again: readonly string[]): void {
    const wanted = this.#host.wanted();
    const left = [...this.#asked].filter((name) => !wanted.includes(name) || again.includes(name));
    for (const name of left) this.#asked.delete(name);
    const fresh = wanted.filter((name) => !this.#asked.has(name));
    for (const name of fresh) this.#asked.add(name);
    const asks = fresh.map((name) => [name, this.#host.present(name)] as const);
    this.#toServer(() => {
      for (const channel of left) {
        this.subscribed.delete(channel);
        this.deliver({ type: 'unsubscribed', channel });
      }
      for (const [name, position] of asks) {
        this.subscribed.add(name);
        this.deliver(...this.#server.subscribe(name, position, this.#user));
      }
    });
  }

  #toServer(task: () => void): void {
    const wire = this.#wire;
    this.page.world.enqueue(() => wire === this.#wire && !this.page.isClosed && task());
  }

  #end(state: ConnectionState): void {
    this.#wire += 1;
    this.#later?.();
    this.#server.connections.delete(this);
    this.#asked.clear();
    this.subscribed.clear();
    if (state.status === 'idle') {
      this.#unwatch?.();
      this.#unwatch = undefined;
    }
    this.#become(state);
  }

  #become(state: ConnectionState): void {
    const previous = this.state;
    if (JSON.stringify(previous) === JSON.stringify(state)) return;
    this.state = state;
    this.#host.changed(state, previous);
  }
}
