/**
 * What a tab and the relay of its group say to each other, over whatever pipe there is between them. Both are Fanfare's own code, of
 * one origin and of one version (`VERSION`): messages are trusted to have these shapes, and are nobody else's wire.
 *
 * | tab -> relay | |
 * |---|---|
 * | `want` wants, busy, version, token | all that I want now. The first of a pipe is a hello, whoever I was before |
 * | `do` id, text | a command [PROTOCOL §5.11] |
 * | `ack` | the answer to `ping`: all that was sent before it is processed |
 * | `ping` signal | are you there? `signal`: the page is seen again, or the network came or went |
 * | `token` ask, ok, token | the answer to `token` |
 * | `later`, `again`, `bye` | askLater() and reconnect() of a link; the tab leaves |
 *
 * | relay -> tab | |
 * |---|---|
 * | `state` state | the connection's, from now on. The first is the answer to a hello |
 * | `frames` tagged | frames, as JSON, each with the tag of the want that it is for; 0: the answer to a command |
 * | `unreadable` problem · `retryChannels` | of a link's host |
 * | `token` ask, refresh | a credential is wanted |
 * | `pong` · `ping` | the answer to `ping`; are you there, and how far? |
 * | `gone` | you were too slow, or silent: I have forgotten you; say hello |
 * | `own` | you want more channels than I have room for: you need a connection of your own |
 *
 * A relay of another version does not answer at all. A pipe is used for one hello: what still comes through an older one is not heard.
 */
import type { ConnectionState } from '../connection-state.ts';
import type { PlatformSignal } from '../platform.ts';

/** Another version of this table has another number. */
export const VERSION = 3;

/** `tag`: the tab's number for this want; what belongs to an older one is not for it. `position`: from where on; absent: from now. */
export type Want = readonly [tag: number, channel: string, position: string | undefined];

/** A frame as JSON: the relay read it from the wire, and checked it. */
export type Tagged = readonly [tag: number, json: string];

export type FromTab =
  /** `token`: one that was found a moment ago, should the connection need it. */
  | readonly ['want', wants: readonly Want[], busy: boolean, version: number, token: string | undefined]
  | readonly ['do', id: number, text: string]
  | readonly ['ping', signal?: PlatformSignal | undefined]
  | readonly ['token', ask: string, ok: boolean, token?: string | undefined]
  | readonly ['ack' | 'later' | 'again' | 'bye'];

export type ToTab =
  | readonly ['state', state: ConnectionState]
  | readonly ['frames', tagged: readonly Tagged[]]
  | readonly ['unreadable', problem: string]
  | readonly ['token', ask: string, refresh: boolean]
  | readonly ['retryChannels' | 'pong' | 'ping' | 'gone' | 'own'];

/** One end of a pipe. Closing it closes it for both. */
export interface Port<Message> {
  postMessage(message: Message): void;
  close(): void;
}

export function toTab(message: unknown): ToTab {
  return message as ToTab;
}
