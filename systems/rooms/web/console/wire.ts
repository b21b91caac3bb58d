/** A connection of the console, whichever protocol it speaks. */

export type Protocol = 'websocket' | 'socket.io';

export const PROTOCOLS: readonly Protocol[] = ['websocket', 'socket.io'];

/** One message of the contract, without its type. */
export type Fields = Readonly<Record<string, unknown>>;

/** How a connection ended, as the protocol says it. */
export interface Ending {
  /** Of RFC 6455; undefined: Socket.IO has reasons, and no codes. */
  readonly code: number | undefined;
  readonly reason: string;
  /** It comes back by itself. */
  readonly returns: boolean;
}

export interface WireEvents {
  readonly opened: () => void;
  /** A message as it came, for people, and what it says. */
  readonly heard: (text: string, type: string, fields: Fields) => void;
  readonly sent: (text: string) => void;
  readonly ended: (ending: Ending) => void;
}

export interface Wire {
  send(type: string, fields: Fields): void;
  /** Text as it was typed; absent: this protocol has no raw messages. */
  sendRaw?(text: string): void;
  /** Says goodbye. */
  close(): void;
  /** Says goodbye without a code. */
  hangUp(): void;
  /** Goes without a proper goodbye, as a bad network does. */
  drop(): void;
}
