/** A server's Fanfare as one system sees it: typed by the system's own channels and no others. */
import type { ChannelMap, Fanfare } from 'fanfare';

/** The same object. Compiles only where the server's map holds the system's channels with these very definitions. */
export function partOf<P extends ChannelMap, M extends P>(live: Fanfare<M>, channels: P): Fanfare<P>;
export function partOf(live: unknown): unknown {
  // The map exists only as types: TypeScript cannot compare two generic `channel` methods, the constraint M extends P can.
  return live;
}
