/** A handle: one user's view of a channel that others may listen to as well. Ends only what was begun through it. */
import type { EventFrame } from '@fanfare/protocol';
import type { Channel } from './channel.ts';
import type { ChannelSnapshot, EventMeta, Listener, Loss } from './channel-host.ts';
import type { StateSnapshot } from './handles.ts';
import type { Off } from './listeners.ts';
import type { SubscriptionState } from './subscription-state.ts';

/** The client's channels, by name. */
export interface ChannelRegistry {
  find(name: string): Channel | undefined;
  /** The channel, made where there was none; `after`: from which position on. */
  demand(name: string, after: string | undefined): Channel;
}

const NOTHING: ChannelSnapshot = { subscription: { status: 'closed' }, value: undefined, values: new Map() };

export class Handle {
  readonly name: string;
  readonly #registry: ChannelRegistry;
  readonly #after: string | undefined;

  constructor(name: string, registry: ChannelRegistry, after: string | undefined) {
    this.name = name;
    this.#registry = registry;
    this.#after = after;
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
    return this.#registry.find(this.name)?.processed?.text;
  }

  getSnapshot(): StateSnapshot<unknown> {
    return this.#registry.find(this.name)?.snapshot ?? NOTHING;
  }

  on(event: string, handler: (data: unknown, meta: EventMeta) => unknown): Off {
    return this.listen({ event: (frame: EventFrame) => frame.event === event && handler(frame.data, frame) });
  }

  onLost(handler: (loss: Loss) => unknown): Off {
    return this.listen({ lost: handler });
  }

  subscribe(listener: () => unknown): Off {
    return this.listen({ changed: listener });
  }

  listen(listener: Listener): Off {
    return this.#registry.demand(this.name, this.#after).listen(listener, this);
  }

  close(): void {
    this.#registry.find(this.name)?.release(this);
  }
}
