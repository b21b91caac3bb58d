/** A handle that publishes as well, and can be looped over. */
import { EventQueue, type QueuedEvent } from './event-queue.ts';
import { type ChannelRegistry, Handle } from './handle.ts';
import type { SetOptions, UntypedHandle } from './handles.ts';
import { Loops } from './loops.ts';
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
    const { name } = this;
    const { maxQueuedEvents } = this.#registry;
    const hungry = (): void => this.#registry.wantedChanged(name);
    const queue: EventQueue = new EventQueue(maxQueuedEvents, hungry, () => channel?.loops?.delete(queue));
    queue.off = this.listen(queue);
    const channel = this.#registry.find(name);
    if (channel) {
      channel.loops ??= new Loops();
      channel.loops.add(queue);
    }
    queue.skipTo(channel?.at);
    return queue;
  }

  publish(event: string, data: unknown, options?: PublishOptions): Promise<Receipt> {
    return this.#registry.publish({ ...options, channel: this.name, event, data });
  }

  set(data: unknown, options?: SetOptions): Promise<Receipt> {
    return this.publish('state', data, options);
  }
}
