/** The client with everything: its handles publish, and can be looped over. */
import type { ServerFrame } from '@fanfare/protocol';
import type { Client, ClientOptions } from './client-options.ts';
import { type ConnectionState, isOpen } from './connection-state.ts';
import { FullHandle, type FullRegistry } from './full-handle.ts';
import { HERE } from './here.ts';
import type { Link } from './link.ts';
import { LiveClient, type LiveClientParts } from './live-client.ts';
import { type Publication, PublishQueue, type Receipt } from './publish-queue.ts';

export class FullClient extends LiveClient implements Client, FullRegistry {
  readonly maxQueuedEvents: number;
  readonly #publishes: PublishQueue;

  constructor(options: ClientOptions, parts: LiveClientParts) {
    super(options, parts);
    this.maxQueuedEvents = options.maxQueuedEvents ?? 1024;
    this.#publishes = new PublishQueue(options.platform ?? HERE, options.publishing ?? {}, {
      send: (command) => this.link.command(command),
      quiet: () => this.wantedChanged(),
    });
  }

  override channel(name: string, { after }: { readonly after?: string | undefined } = {}): FullHandle {
    return new FullHandle(name, this, after);
  }

  /** Another link is the client's from now on; the old one says nothing any more. */
  replace(link: Link): void {
    this.link = link;
    link.sync();
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

  override busy(): boolean {
    return this.#publishes.busy;
  }

  override frame(frame: ServerFrame): void {
    if (frame.type === 'published' || (frame.type === 'error' && frame.id)) this.#publishes.answer(frame);
    else if (frame.type === 'connected') this.#publishes.flush();
    else super.frame(frame);
  }

  override changed(state: ConnectionState, previous: ConnectionState): void {
    if (isOpen(state)) this.#publishes.flush();
    if (state.status === 'failed' && state.reason) this.#publishes.refuse(state.reason);
    super.changed(state, previous);
  }
}
