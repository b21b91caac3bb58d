/**
 * What a tab and the relay of its group say to each other, over whatever pipe there is between them. Both are Fanfare's own code, of
 * one origin and of one version (`VERSION`): messages are trusted to have these shapes, and are nobody else's wire.
 *
 * | tab -> relay | |
 * |---|---|
 * | `hello` version, settings, wants, busy | first message of a pipe: whoever I was, this is all that I want now |
 * | `want` wants, gone, busy | the difference: channels to be read (anew) from where they stand; channels given up |
 * | `do` id, text | a command [PROTOCOL §5.9] |
 * | `ack` size | so much of what was sent to me is processed |
 * | `ping` signal | are you there? `signal`: the page is seen again, or the network came or went |
 * | `token` ask, ok, token | the answer to `token` |
 * | `later`, `again`, `bye` | askLater() and reconnect() of a link; the tab leaves |
 *
 * | relay -> tab | |
 * |---|---|
 * | `welcome` state | the answer to `hello`; `state` is the connection's |
 * | `state` state | the connection's, from now on |
 * | `frames` text | lines, each a frame's JSON. A `subscribed` has the tag of the want that it answers before it |
 * | `keep` key, word | what the connection remembers for the next visit, where the relay has no place for it |
 * | `refused` channel, reason · `bad` problem · `retry` | refused(), unreadable() and retryChannels() of a link's host |
 * | `token` ask, refresh | a credential is wanted |
 * | `pong` · `ping` | the answer to `ping`; are you there? (any message is an answer) |
 * | `gone` | you were too slow, or silent: I have forgotten you; say hello |
 * | `own` | I cannot serve you: instead of `welcome`, for I am of another version; later, for you want too many channels |
 *
 * `own` means the same in every version. A pipe is used for one `hello`: whatever still comes through an older one is not heard.
 */
import type { ServerFrame } from '@fanfare/protocol';
import type { Reason } from '../connection-phase.ts';
import type { ConnectionState } from '../connection-state.ts';
import type { PlatformSignal } from '../platform.ts';

/** Another version of this table has another number. */
export const VERSION = 1;

/** `tag`: the tab's number for this want; what belongs to an older one is not for it. `position`: from where on; absent: from now. */
export type Want = readonly [tag: number, channel: string, position: string | undefined];

export type FromTab =
  | readonly ['hello', version: number, settings: unknown, wants: readonly Want[], busy: boolean]
  | readonly ['want', wants: readonly Want[], gone: readonly string[], busy: boolean]
  | readonly ['do', id: number, text: string]
  | readonly ['ack', size: number]
  | readonly ['ping', signal?: PlatformSignal | undefined]
  | readonly ['token', ask: number, ok: boolean, token?: string | undefined]
  | readonly ['later' | 'again' | 'bye'];

export type ToTab =
  | readonly ['welcome' | 'state', state: ConnectionState]
  | readonly ['frames', lines: string]
  | readonly ['refused', channel: string, reason: Reason]
  | readonly ['bad', problem: string]
  | readonly ['keep', key: string, word: string]
  | readonly ['token', ask: number, refresh: boolean]
  | readonly ['retry' | 'pong' | 'ping' | 'gone' | 'own'];

/** One end of a pipe. Closing it closes it for both. */
export interface Port<Message> {
  send(message: Message): void;
  close(): void;
}

export function fromTab(message: unknown): FromTab {
  return message as FromTab;
}

export function toTab(message: unknown): ToTab {
  return message as ToTab;
}

/** Subscriptions stand, and commands are taken. */
export function isOpen({ status }: ConnectionState): boolean {
  return status === 'live' || status === 'polling';
}

/** What a line costs, as both sides count it: its characters, and something for itself. */
export function sizeOf(line: string): number {
  return line.length + 100;
}

/** JSON has no line break of its own, and begins with a brace. */
export function writeLine(frame: ServerFrame, tag?: number): string {
  return `${tag ?? ''}${JSON.stringify(frame)}`;
}

/** The relay checked the frame when it came from the wire. */
export function readLine(line: string): { readonly tag: number; readonly frame: ServerFrame } {
  const at = line.indexOf('{');
  return { tag: Number(line.slice(0, at)), frame: JSON.parse(line.slice(at)) as ServerFrame };
}
