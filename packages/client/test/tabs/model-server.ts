/** A server for tests: one history per channel, connections that are cut at will, and answers that take their time. */
import type { GapCause, ServerFrame, SubscribedFrame } from '@fanfare/protocol';
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

/** A link that is open. */
export interface Connected {
  readonly page: Page;
  readonly subscribed: ReadonlySet<string>;
  /** The credential that it was opened with. */
  readonly token: string | undefined;
  deliver(...frames: readonly ServerFrame[]): void;
  cut(): void;
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
  readonly connections = new Set<Connected>();
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
