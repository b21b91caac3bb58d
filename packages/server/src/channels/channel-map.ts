/** The channel map: definitions by pattern. It is the types of an application, and the rules of its hub. */
import { ChannelMatcher, type Matches, type NameOf } from '@fanfare/protocol';
import type { ChannelRule } from '../core/index.ts';
import {
  type ChannelDefinition,
  type LogDefinition,
  log,
  type SignalDefinition,
  type StateDefinition,
  state,
} from './channel-definitions.ts';
import { RecentNames } from './recent-names.ts';
import type { OutputOf } from './standard-schema.ts';

/** Definitions by channel pattern: `{ 'court:{pin}': state({ schema: Snapshot }) }`. */
export type ChannelMap = Readonly<Record<string, ChannelDefinition>>;

/** What flows in the channels of a map, for `createClient<ShapesOf<typeof channels>>()`. Types only: a browser imports no server code. */
export type ShapesOf<M extends ChannelMap> = { readonly [P in keyof M]: ShapeOfDefinition<M[P]> };

export type ShapeOfDefinition<D> =
  D extends LogDefinition<infer E>
    ? { readonly kind: 'log'; readonly events: { readonly [K in keyof E]: OutputOf<E[K]> } }
    : D extends StateDefinition<infer S>
      ? { readonly kind: 'state'; readonly value: OutputOf<S> }
      : D extends SignalDefinition<infer E>
        ? { readonly kind: 'signal'; readonly events: { readonly [K in keyof E]: OutputOf<E[K]> } }
        : never;

/** Every channel name that a map allows. */
export type NamesOf<M extends ChannelMap> = { [P in keyof M & string]: NameOf<P> }[keyof M & string];

/** The definition behind one name; never, where no pattern matches it. */
export type DefinitionOf<M extends ChannelMap, N extends string> = {
  [P in keyof M & string]: Matches<P, N> extends false ? never : M[P];
}[keyof M & string];

/** N where a pattern matches all of its segments: `chat:a:b` is a `chat:${string}`, but no `chat:{room}`. */
export type KnownName<M extends ChannelMap, N extends string> = [DefinitionOf<M, N>] extends [never] ? never : N;

/**
 * Two channels open to every subscriber, so that the first try is two curls: `public:{name}` (log), `public-state:{name}` (state).
 * A server has them unless `publicChannels: false`; spread them into your map to publish to them with types.
 */
export function publicChannels(): {
  readonly 'public:{name}': LogDefinition;
  readonly 'public-state:{name}': StateDefinition;
} {
  return { 'public:{name}': log({ access: 'public' }), 'public-state:{name}': state({ access: 'public' }) };
}

/** One name, resolved against the map. */
export interface ResolvedChannel {
  readonly definition: ChannelDefinition;
  readonly pattern: string;
  readonly params: Readonly<Record<string, string>>;
}

interface Declared {
  readonly definition: ChannelDefinition;
  readonly rule: ChannelRule;
}

const OWN_PREFIX = '_fanfare:';

/** A channel map, compiled: finds the definition of a name. Throws a TypeError on a bad or ambiguous pattern. */
export class ChannelRegistry {
  readonly #matcher: ChannelMatcher<Declared>;
  readonly #known = new RecentNames<ResolvedChannel>();
  /** All of them, for people who named a channel that there is not. */
  readonly patterns: string;

  constructor(channels: ChannelMap) {
    this.patterns = Object.keys(channels).join(', ');
    this.#matcher = new ChannelMatcher(
      Object.entries(channels).map(([pattern, definition]) => [
        pattern,
        { definition, rule: ruleOf(pattern, definition) },
      ]),
    );
  }

  /** With what its captures stand for: for who asks for access. */
  find(channel: string): ResolvedChannel | undefined {
    const known = this.#known.get(channel);
    if (known !== undefined) return known;
    const found = isOwn(channel) ? undefined : this.#matcher.find(channel);
    if (found === undefined) return undefined;
    // Shared by whoever asks next: nobody may change it.
    const params = Object.freeze(found.params);
    const fresh = { definition: found.value.definition, pattern: found.pattern, params };
    this.#known.set(channel, fresh);
    return fresh;
  }

  // What every publish asks is found without a memory of names: it costs the same over ten channels and over a million.

  /** `channel`: a channel name. */
  definition(channel: string): ChannelDefinition | undefined {
    return this.#declared(channel)?.definition;
  }

  /** What the hub asks; the same object for every name of a pattern. `channel`: a channel name. */
  rule(channel: string): ChannelRule | undefined {
    return this.#declared(channel)?.rule;
  }

  #declared(channel: string): Declared | undefined {
    return isOwn(channel) ? undefined : this.#matcher.valueOf(channel);
  }
}

/** Names that begin with `_fanfare:` are the server's own, whatever the patterns say. */
function isOwn(channel: string): boolean {
  return channel.startsWith(OWN_PREFIX);
}

function ruleOf(pattern: string, definition: ChannelDefinition): ChannelRule {
  const { kind, retention, minIntervalMs, maxSubscribers } = definition;
  return { pattern, kind, retention, minIntervalMs, maxSubscribers };
}
