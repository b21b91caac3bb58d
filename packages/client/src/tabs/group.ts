/** The name of a group of tabs that share a connection: it says what they have in common, and so names worker, lock and channels. */
import type { TransportName } from '@fanfare/protocol';
import type { ConnectionOptions } from '../connection.ts';
import { VERSION } from './messages.ts';

/** How a page would open its own connection, as far as JSON knows it. */
export interface LinkSettings extends Omit<ConnectionOptions, 'base' | 'platform'> {
  readonly base: string;
}

const PREFIX = 'fanfare ';

/** Not in it is `platform`, which is made of functions. */
export function groupName(options: ConnectionOptions, transports: readonly TransportName[], user: string): string {
  return PREFIX + JSON.stringify([options, transports, VERSION, user]);
}

/** As a worker reads it in its own name. */
export function readGroupName(name: string): readonly [LinkSettings, readonly TransportName[]] {
  return JSON.parse(name.slice(PREFIX.length));
}
