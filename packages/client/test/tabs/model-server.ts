/** A server for tests: one history per channel, connections that are cut at will, and answers that take their time. */
import type { GapCause, ServerFrame, SubscribedFrame } from '@fanfare/protocol';
import type { ConnectionState } from '../../src/connection-state.ts';
import type { Command, Link, LinkHost } from '../../src/link.ts';
import type { Platform } from '../../src/platform.ts';
import type { Page } from './tab-world.ts';

interface Stored {
  readonly offset: number;
  readonly data: unknown;
  readonly key: string | undefined;
}

interface Published {
  readonly id: number;
  readonly channel: string;
  readonly event: string;
  readonly data: unknown;
  readonly idempotencyKey: string;
}

class History {
  readonly kind: 'log' | 'state' | 'signal';
  head = 0;
  /** Events up to this one are gone. */
  trimmed = 0;
  stored: Stored[] = [];

  constructor(name: string) {
    this.kind = name.startsWith('log') ? 'log' : name.startsWith('board') ? 'state' : 'signal';
  }

  /** What a subscription from this offset gets. */
  after(offset: number): readonly Stored[] {
    if (this.kind !== 'state') return this.stored.filter((event) => event.offset > offset);
    const newest = new Map<string, Stored>();
    for (const event of this.stored) newest.set(event.key ?? '', event);
    return [...newest.values()]
      .filter((event) => event.offset > offset)
      .sort((one, other) => one.offset - other.offset);
  }
}

export class ModelServer {
  epoch = 'e1';
  /** Who connects now; channels of others are forbidden. */
  user = 'guest';
  /** Nobody gets through. */
  isDown = false;
  readonly connections = new Set<ModelLink>();
  readonly #histories = new Map<string, History>();
  /** What clients published, each once; and by which key. */
  readonly said: unknown[] = [];
  readonly #keys = new Map<string, unknown>();
  /** Subscribes: channel and position. */
  readonly asks: string[] = [];

  history(name: string): History {
    const history = this.#histories.get(name) ?? new History(name);
    this.#histories.set(name, history);
    return history;
  }

  publish(name: string, data: unknown, key?: string): void {
    const history = this.history(name);
    history.head += 1;
    const event = { offset: history.head, data, key };
    if (history.kind !== 'signal') history.stored.push(event);
    for (const connection of this.connections) {
      if (connection.subscribed.has(name)) connection.deliver(this.frame(name, event));
    }
  }

  trim(name: string, kept: number): void {
    const history = this.history(name);
    history.trimmed = Math.max(history.trimmed, history.head - kept);
    history.stored = history.stored.filter(({ offset }) => offset > history.trimmed);
  }

  /** The store was replaced: everything is gone, and offsets begin anew. */
  newEpoch(): void {
    this.epoch = `e${Number(this.epoch.slice(1)) + 1}`;
    this.#histories.clear();
    this.cutAll();
  }

  cutAll(): void {
    for (const connection of [...this.connections]) connection.cut();
  }

  /** All that one subscription gets, in order, in one turn of the server. */
  subscribe(name: string, position: string | undefined, user: string): readonly ServerFrame[] {
    this.asks.push(`${name} ${position ?? '-'}`);
    if (name.startsWith('log:of-') && name !== `log:of-${user}`) {
      return [{ type: 'error', code: 'FORBIDDEN', message: 'no', channel: name, retry: false }];
    }
    const history = this.history(name);
    const beginning = history.kind === 'state' ? 0 : history.head;
    const answer = (offset: number, recovered?: boolean, cause?: GapCause): SubscribedFrame => ({
      type: 'subscribed',
      channel: name,
      kind: history.kind,
      ...(history.kind !== 'signal' && { position: this.#position(offset) }),
      ...(recovered !== undefined && { recovered }),
      ...(cause && { cause }),
    });
    const events = (from: number): readonly ServerFrame[] =>
      history.kind === 'signal' ? [] : history.after(from).map((event) => this.frame(name, event));
    if (history.kind === 'signal' || position === undefined) return [answer(beginning), ...events(beginning)];
    const [epoch, text = ''] = position.split('.');
    const offset = Number.parseInt(text, 36);
    const cause: GapCause | undefined =
      epoch !== this.epoch
        ? 'epoch'
        : offset > history.head
          ? 'ahead'
          : history.kind === 'log' && offset < history.trimmed
            ? 'trimmed'
            : undefined;
    if (cause !== undefined) return [answer(beginning, false, cause), ...events(beginning)];
    return [answer(offset, true), ...events(offset)];
  }

  /** Publishes, the same key once. */
  obey({ id, channel, event, data, idempotencyKey }: Published): ServerFrame {
    const known = this.#keys.get(idempotencyKey);
    if (known === undefined) {
      this.#keys.set(idempotencyKey, data);
      this.said.push(data);
    }
    if (event === 'refused') return { type: 'error', code: 'FORBIDDEN', message: 'no', channel, id };
    if (known === undefined) this.publish(channel, data);
    return { type: 'published', id, duplicate: known !== undefined, ack: 'committed' };
  }

  frame(name: string, { offset, data, key }: Stored): ServerFrame {
    const { kind } = this.history(name);
    return {
      type: 'event',
      channel: name,
      event: kind === 'state' ? 'state' : 'added',
      data,
      ...(key !== undefined && { key }),
      ...(kind !== 'signal' && { position: this.#position(offset) }),
    };
  }

  #position(offset: number): string {
    return `${this.epoch}.${offset.toString(36)}`;
  }
}

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
