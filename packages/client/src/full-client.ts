/** The client with everything: its handles publish, and can be looped over. */
import type { Client, ClientOptions } from './client-options.ts';
import { FullHandle, type FullRegistry } from './full-handle.ts';
import { LiveClient, type LiveClientParts } from './live-client.ts';
import { type Publication, PublishQueue, type Receipt } from './publish-queue.ts';

export class FullClient extends LiveClient implements Client, FullRegistry {
  readonly maxQueuedEvents: number;
  readonly #publishes: PublishQueue;

  constructor(options: ClientOptions, parts: LiveClientParts) {
    super(options, parts);
    this.maxQueuedEvents = options.maxQueuedEvents ?? 1024;
    this.#publishes = new PublishQueue(this.platform, options.publishing ?? {}, {
      send: (command) => this.link.command(command),
      quiet: () => this.wantedChanged(),
    });
    this.outbox = this.#publishes;
  }

  override channel(name: string, { after }: { readonly after?: string | undefined } = {}): FullHandle {
    return new FullHandle(name, this, after);
  }

  publish(publication: Publication): Promise<Receipt> {
    const receipt = this.#publishes.publish(publication);
    // A client that only publishes has a connection all the same, for as long as it does.
    this.wantedChanged();
    return receipt;
  }

  override close(): void {
    this.#publishes.close();
    super.close();
  }
}
