/** One client over Socket.IO: its events are requests, its acknowledgements their answers. */
import { closeCodeOf, returned } from '@fanfare/socket.io-adapter';
import type { OwnConnection } from 'fanfare';
import type { Socket } from 'socket.io';
import { BROADCAST_CHANNEL, channelOf } from './channels.ts';
import type { Clients, Leaving, RoomsClient } from './clients.ts';
import { type Desk, welcome } from './desk.ts';
import type { RoomsLive } from './live.ts';
import type { Pace } from './pace.ts';
import { Refused, type RoomsRefusal, refusal } from './refusals.ts';
import { type Parsed, parseEvent } from './requests.ts';
import { Turns } from './turns.ts';

export interface SocketIoClientOptions {
  readonly live: RoomsLive;
  readonly desk: Desk;
  readonly clients: Clients;
  readonly pace: Pace;
  readonly newClientId: () => string;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  readonly onError: (error: unknown) => void;
}

/** What an answer is given to: the acknowledgement that the client asked for, or an event of the answer's type. */
type Answer = (answer: { readonly type: string }) => void;

export class SocketIoClient {
  readonly #options: SocketIoClientOptions;
  readonly #socket: Socket;
  readonly #client: RoomsClient;
  readonly #turns = new Turns();

  constructor(options: SocketIoClientOptions, socket: Socket, connection: OwnConnection) {
    const { clients, desk, newClientId, now } = options;
    const known: unknown = socket.data['clientId'];
    // Who comes back is who it was, to the others as well.
    const clientId = typeof known === 'string' ? known : newClientId();
    socket.data['clientId'] = clientId;
    this.#options = options;
    this.#socket = socket;
    this.#client = { clientId, protocol: 'socket.io', connection, connectedAt: now(), received: 0, answered: 0 };
    clients.add(this.#client);
    this.#turns.take(async () => void (await connection.subscribe(BROADCAST_CHANNEL)));
    // Who comes back may send at once to the rooms that it is in.
    this.#turns.take(() => returned(socket));
    socket.onAny((event: string, ...args: unknown[]) => this.#take(event, args));
    socket.on('disconnect', (reason) => clients.remove(this.#client, leavingOf(socket, reason)));
    this.#client.answered += 1;
    this.#tell(welcome(clientId, desk.timestamp()));
  }

  #take(event: string, args: readonly unknown[]): void {
    const { clients, pace } = this.#options;
    clients.heard(this.#client);
    const last = args.at(-1);
    const acknowledge = typeof last === 'function' ? last : undefined;
    const answer: Answer = (value) => {
      this.#client.answered += 1;
      if (acknowledge === undefined) this.#tell(value);
      else Reflect.apply(acknowledge, undefined, [value]);
    };
    const verdict = pace.take(this.#client);
    const values = acknowledge === undefined ? args : args.slice(0, -1);
    if (verdict === 'exhausted') this.#client.connection.close('rateLimited');
    else if (verdict === 'refused') this.#refuse('RATE_LIMITED', answer);
    else if (!this.#turns.take(() => this.#carryOut(parseEvent(event, values), answer, acknowledge !== undefined))) {
      this.#refuse('BUSY', answer);
    }
  }

  /** Never rejects. What everybody in the room gets is an answer of its own only to who asked for one. */
  async #carryOut(parsed: Parsed, answer: Answer, asked: boolean): Promise<void> {
    try {
      if ('refused' in parsed) {
        this.#refuse(parsed.refused, answer);
        return;
      }
      const done = await this.#options.desk.carryOut(this.#client, parsed);
      await this.#moved(done.answer);
      const isEcho = done.answer.type === 'room-message' || done.answer.type === 'broadcast';
      if (asked || !isEcho) answer(done.answer);
    } catch (error) {
      if (error instanceof Refused) answer({ type: 'error', ...wordsOf(error) });
      else {
        this.#options.onError(error);
        answer({ type: 'error', ...{ code: 'INTERNAL', message: 'The server failed.' } });
      }
    }
  }

  /** Socket.IO's own rooms follow: what a server emits to one reaches the hub's channel, and a client that returns is in it. */
  async #moved(answer: {
    readonly type: string;
    readonly room?: string;
    readonly position?: string | undefined;
  }): Promise<void> {
    const { type, room, position } = answer;
    if (room === undefined) return;
    const channel = channelOf(room);
    if (type === 'room-joined') {
      const { adapter } = this.#socket.nsp;
      if ('joined' in adapter && typeof adapter.joined === 'function')
        adapter.joined(this.#socket.id, channel, position);
      await this.#socket.join(channel);
    }
    if (type === 'room-left') await this.#socket.leave(channel);
  }

  /** Past the log of all servers: what is said to one client concerns nobody else, and is not what it may have missed. */
  #tell(message: { readonly type: string }): void {
    this.#socket.nsp.local.to(this.#socket.id).emit(message.type, message);
  }

  #refuse(code: RoomsRefusal, answer: Answer): void {
    const { message } = refusal(code, this.#client.connection.language);
    answer({ type: 'error', ...{ code, message } });
  }
}

function wordsOf({ code, message }: Refused): { readonly code: string; readonly message: string } {
  return { code, message };
}

/** Whoever else ended it, it was the client. */
const BY_SERVER: ReadonlySet<string> = new Set([
  'server namespace disconnect',
  'server shutting down',
  'forced close',
  'forced server close',
  'parse error',
  'ping timeout',
]);

function leavingOf(socket: Socket, reason: string): Leaving {
  return { code: closeCodeOf(socket, reason), reason, by: BY_SERVER.has(reason) ? 'server' : 'client' };
}
