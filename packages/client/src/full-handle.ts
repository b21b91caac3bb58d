/** A handle that publishes as well, and can be looped over. */

import { EventQueue, type QueuedEvent } from './event-queue.ts';
import type { ChannelRegistry } from './handle.ts';
import { Handle } from './handle.ts';
import type { SetOptions, UntypedHandle } from './handles.ts';
import type { Publication, PublishOptions, Receipt } from './publish-queue.ts';

export interface FullRegistry extends ChannelRegistry {
  readonly maxQueuedEvents: number;
  /** The channel is to be read anew, from where it stands. */
  wantedChanged(readAgain: string): void;
  publish(publication: Publication): Promise<Receipt>;
}

export class FullHandle extends Handle implements UntypedHandle {
  readonly #registry: FullRegistry;

  constructor(name: string, registry: FullRegistry, after: string | undefined) {
    super(name, registry, after);
    this.#registry = registry;
  }

  [Symbol.asyncIterator](): AsyncIterableIterator<QueuedEvent> {
    const queue = new EventQueue(this.#registry.maxQueuedEvents, () => this.#registry.wantedChanged(this.name));
    queue.off = this.listen(queue);
    return queue;
  }

  publish(event: string, data: unknown, options?: PublishOptions): Promise<Receipt> {
    return this.#registry.publish({ ...options, channel: this.name, event, data });
  }

  set(data: unknown, options?: SetOptions): Promise<Receipt> {
    return this.publish('state', data, options);
  }
}
