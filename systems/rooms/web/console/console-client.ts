/** One client of the console: its wire, the rooms that it is in, and from where it goes on when it comes back. */
import { openPlain } from './plain-wire.ts';
import { openSocketIo } from './socket-io-wire.ts';
import type { Ending, Fields, Protocol, Wire } from './wire.ts';

export type Status = 'connecting' | 'open' | 'returning' | 'closed';

export interface ClientFacts {
  readonly key: number;
  readonly protocol: Protocol;
  readonly status: Status;
  readonly clientId: string | undefined;
  readonly rooms: readonly string[];
  /** Messages of somebody: not what the server says about this client's own connection. */
  readonly heard: number;
  readonly ending: Ending | undefined;
}

export type Direction = 'in' | 'out' | 'note';

export interface ConsoleClientOptions {
  readonly key: number;
  readonly protocol: Protocol;
  /** Joined as soon as it is welcomed. */
  readonly room?: string;
  readonly changed: () => void;
  readonly frame: (direction: Direction, text: string, type: string) => void;
}

const MESSAGES: ReadonlySet<string> = new Set(['room-message', 'broadcast', 'echo']);

/** Before a plain WebSocket that was dropped comes back. */
const RETURN_MS = 1200;

export class ConsoleClient {
  readonly #options: ConsoleClientOptions;
  /** By room: the position of the last message that was shown. */
  readonly #rooms = new Map<string, string | undefined>();
  #wire: Wire;
  #status: Status = 'connecting';
  #clientId: string | undefined;
  #heard = 0;
  #ending: Ending | undefined;
  #returning: ReturnType<typeof setTimeout> | undefined;
  #leaves = false;

  constructor(options: ConsoleClientOptions) {
    this.#options = options;
    if (options.room !== undefined) this.#rooms.set(options.room, undefined);
    this.#wire = this.#open();
  }

  get facts(): ClientFacts {
    const { key, protocol } = this.#options;
    const rooms = [...this.#rooms.keys()];
    return {
      key,
      protocol,
      status: this.#status,
      clientId: this.#clientId,
      rooms,
      heard: this.#heard,
      ending: this.#ending,
    };
  }

  get takesRaw(): boolean {
    return this.#wire.sendRaw !== undefined;
  }

  send(type: string, fields: Fields = {}): void {
    this.#wire.send(type, fields);
  }

  sendRaw(text: string): void {
    this.#wire.sendRaw?.(text);
  }

  close(): void {
    this.#leaves = true;
    clearTimeout(this.#returning);
    if (this.#status === 'returning') this.#set('closed');
    this.#wire.close();
  }

  /** As a bad network does it; the client comes back, and asks for what it missed. */
  drop(): void {
    this.#wire.drop();
  }

  /** Says goodbye as many a client does it, without a code; comes back, too. */
  hangUp(): void {
    this.#wire.hangUp();
  }

  #open(): Wire {
    const events = {
      opened: () => this.#set('open'),
      heard: (text: string, type: string, fields: Fields) => this.#take(text, type, fields),
      sent: (text: string) => this.#options.frame('out', text, ''),
      ended: (ending: Ending) => this.#end(ending),
    };
    return this.#options.protocol === 'websocket' ? openPlain(events) : openSocketIo(events);
  }

  #take(text: string, type: string, fields: Fields): void {
    if (MESSAGES.has(type)) this.#heard += 1;
    const { room, position, clientId } = fields;
    if (type === 'welcome' && typeof clientId === 'string') this.#welcomed(clientId);
    if (typeof room === 'string') {
      if (type === 'room-left') this.#rooms.delete(room);
      else if (type === 'room-joined' || (type === 'room-message' && this.#rooms.has(room))) {
        // A room that brings what was missed says where it stands only by its messages.
        const keeps = type === 'room-joined' && fields['recovered'] === true;
        if (!keeps) this.#rooms.set(room, typeof position === 'string' ? position : this.#rooms.get(room));
      }
    }
    this.#options.frame('in', text, type);
    this.#options.changed();
  }

  #welcomed(clientId: string): void {
    const isBack = this.#options.protocol === 'socket.io' && this.#clientId === clientId;
    this.#clientId = clientId;
    this.#ending = undefined;
    // Socket.IO has brought the rooms back by itself.
    if (isBack) return;
    for (const [room, since] of this.#rooms) this.send('join-room', since === undefined ? { room } : { room, since });
  }

  #end(ending: Ending): void {
    if (this.#status === 'closed') return;
    this.#ending = ending;
    const { code, reason } = ending;
    this.#options.frame('note', code === undefined ? reason : String(code), reason);
    const comesBack = !this.#leaves && this.#options.protocol === 'websocket' && this.#clientId !== undefined;
    if (comesBack) {
      clearTimeout(this.#returning);
      this.#returning = setTimeout(() => {
        this.#wire = this.#open();
      }, RETURN_MS);
    }
    this.#set(!this.#leaves && (comesBack || ending.returns) ? 'returning' : 'closed');
  }

  #set(status: Status): void {
    this.#status = status;
    this.#options.changed();
  }
}
