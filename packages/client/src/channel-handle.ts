/** A handle: one user's view of a channel that others may listen to as well. Holds only what was begun through it. */
import { encodePosition } from '@fanfare/protocol';
import type { Channel } from './channel.ts';
import type { ChannelSnapshot, EventMeta, Loss } from './channel-host.ts';
import type { EventQueue, QueuedEvent } from './event-queue.ts';
import type { SetOptions, StateSnapshot, UntypedHandle } from './handles.ts';
import type { Off } from './listeners.ts';
import type { Publication, PublishOptions, Receipt } from './publish-queue.ts';
import { CLOSED, type SubscriptionState } from './subscription-machine.ts';

/** The client's channels, by name. A channel exists while somebody listens. */
export interface ChannelRegistry {
  find(name: string): Channel | undefined;
  /** The channel, made where there was none. */
  demand(name: string): Channel;
  publish(publication: Publication): Promise<Receipt>;
}

const NOTHING: ChannelSnapshot = { subscription: CLOSED, value: undefined, values: new Map() };

export class HandleView implements UntypedHandle {
  readonly name: string;
  readonly #registry: ChannelRegistry;
  readonly #offs = new Set<Off>();

  constructor(name: string, registry: ChannelRegistry) {
    this.name = name;
    this.#registry = registry;
  }

  get subscription(): SubscriptionState {
    return this.getSnapshot().subscription;
  }

  get value(): unknown {
    return this.getSnapshot().value;
  }

  get values(): ReadonlyMap<string, unknown> {
    return this.getSnapshot().values;
  }

  get position(): string | undefined {
    const processed = this.#registry.find(this.name)?.processed;
    return processed === undefined ? undefined : encodePosition(processed);
  }

  getSnapshot(): StateSnapshot<unknown> {
    return this.#registry.find(this.name)?.snapshot ?? NOTHING;
  }

  on(event: string, handler: (data: unknown, meta: EventMeta) => void): Off {
    return this.#keep(this.#registry.demand(this.name).on(event, handler));
  }

  onLost(handler: (loss: Loss) => void): Off {
    return this.#keep(this.#registry.demand(this.name).onLost(handler));
  }

  subscribe(listener: () => void): Off {
    return this.#keep(this.#registry.demand(this.name).watch(listener));
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<QueuedEvent> {
    // A loop that was left is forgotten here too: a page may begin another every time it is shown.
    const queue: EventQueue = this.#registry.demand(this.name).iterate(() => forget());
    const forget = this.#keep(() => queue.close());
    return queue;
  }

  publish(event: string, data: unknown, options?: PublishOptions): Promise<Receipt> {
    return this.#registry.publish({ ...options, channel: this.name, event, data });
  }

  set(data: unknown, options?: SetOptions): Promise<Receipt> {
    return this.publish('state', data, options);
  }

  close(): void {
    for (const off of [...this.#offs]) off();
  }

  #keep(off: Off): Off {
    const once = (): void => {
      if (this.#offs.delete(once)) off();
    };
    this.#offs.add(once);
    return once;
  }
}
