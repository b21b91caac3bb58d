/** A client's way to the server: a connection of its own, or one that it shares with other tabs. The client cannot tell which. */
import type { ServerFrame } from '@fanfare/protocol';
import type { Reason } from './connection-phase.ts';
import type { ConnectionState } from './connection-state.ts';

/** A command that asks for an answer. `text`: the whole client frame [PROTOCOL §5.11], serialised once. */
export interface Command {
  readonly id: number;
  readonly text: string;
}

/** What a link asks of its client, and tells it. */
export interface LinkHost {
  /** The channels that are wanted now, each once. Asked as late as possible. */
  wanted(): readonly string[];
  /** Is there something to send, though no channel may be wanted? */
  busy(): boolean;
  /** The channel is about to be asked for: from which position on? undefined: from now. */
  present(channel: string): string | undefined;
  /** The credential of the next attempt; `refresh`: the last one was refused. What it rejects with is tried again like a network error. */
  token(refresh: boolean): Promise<string | undefined>;
  /**
   * A frame about a channel, the answer to a command, or `connected`: the state is as before, but over another wire, and what was
   * sent on the last one without an answer is to be sent again.
   */
  frame(frame: ServerFrame): void;
  /** A request was refused for one channel's sake; it is not to be wanted any more. */
  refused(channel: string, reason: Reason): void;
  unreadable(problem: string): void;
  /** Everything that one piece of the wire held was handed over. */
  read(): void;
  /** The moment for channels that were refused for now to be asked for again. */
  retryChannels(): void;
  /** `state` is the link's from now on. Not called for what stays the same. */
  changed(state: ConnectionState, previous: ConnectionState): void;
}

export interface Link {
  /** The same object until something in it changes. */
  readonly state: ConnectionState;
  /**
   * The wanted channels may be others now: connects for the first, ends with the last. `again`: these are to be read anew, from
   * where they stand.
   */
  sync(again?: readonly string[]): void;
  /** Sends a command; its answer comes as a frame, unless the link leaves `live` or `polling` first. false: not now. */
  command(command: Command): boolean;
  /** An event was processed. */
  progress(): void;
  /** The wire is of no use any more; another will be opened by the rules of backoff. */
  drop(reason: Reason): void;
  /** All that is wanted was refused for good: there is nothing to connect for until something else is wanted. */
  fail(reason: Reason): void;
  /** A channel was refused for now: `retryChannels` is wanted after a while. */
  askLater(): void;
  /** Tries again now: after `failed`, and out of a wait. */
  reconnect(): void;
}
