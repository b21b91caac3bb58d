/** The channels of a hub that is open: what a name means, for everybody who publishes or reads. */
import { parseChannelName } from '@fanfare/protocol';
import type { ChannelDefinition } from './channel-definitions.ts';
import type { ChannelRegistry } from './channel-map.ts';
import { errorOf, FanfareError } from './fanfare-error.ts';

export class OpenChannels {
  readonly #registry: ChannelRegistry;
  #closed = false;

  constructor(registry: ChannelRegistry) {
    this.#registry = registry;
  }

  /** Throws a FanfareError: a name that is none, that no pattern matches (it says which there are: not for strangers), or DRAINING after `close`. */
  definition(channel: string): ChannelDefinition {
    this.assertOpen();
    const name = parseChannelName(channel);
    if (!name.ok) throw errorOf(name.problem);
    const definition = this.#registry.definition(name.value);
    if (definition === undefined) {
      throw new FanfareError('CHANNEL_UNKNOWN', { details: { channel, expected: this.#registry.patterns } });
    }
    return definition;
  }

  /** The engine is closed with the hub: to say that it cannot be reached would send people to look for its fault. */
  assertOpen(): void {
    if (!this.#closed) return;
    throw new FanfareError('DRAINING', {
      message: 'This Fanfare is closed: close() was called, and nothing can be published or read any more.',
    });
  }

  close(): void {
    this.#closed = true;
  }
}
