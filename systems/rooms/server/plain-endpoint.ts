/** `/ws`: JSON text messages over a plain WebSocket, for a console, `wscat`, or any library. */
import type { OwnSocket, SocketReader, WebSocketPath } from 'fanfare';
import { BROADCAST_CHANNEL } from './channels.ts';
import type { Clients, RoomsClient } from './clients.ts';
import { closingOf } from './close-words.ts';
import { type Desk, welcome } from './desk.ts';
import type { RoomsLive } from './live.ts';
import type { Pace } from './pace.ts';
import { Refused, type RoomsRefusal, refusal } from './refusals.ts';
import { type Parsed, parseText } from './requests.ts';
import { errorText, socketView } from './socket-view.ts';
import { Turns } from './turns.ts';

export interface PlainEndpointOptions {
  readonly live: RoomsLive;
  readonly desk: Desk;
  readonly clients: Clients;
  readonly pace: Pace;
  readonly newClientId: () => string;
  readonly heartbeatMs: number;
  readonly maxMessageBytes: number;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** Told what failed on our side. */
  readonly onError: (error: unknown) => void;
}

/** Of a ping's interval: a peer that has not answered one when the next is nearly due is gone, within two of them. */
const SILENT_HEARTBEATS = 1.75;

export function plainEndpoint(options: PlainEndpointOptions): WebSocketPath {
  const { live, desk, heartbeatMs, maxMessageBytes } = options;
  return live.webSocketPath({
    view: socketView({ members: (channel) => live.subscribers(channel), timestamp: () => desk.timestamp() }),
    opened: (socket) => new PlainClient(options, socket),
    heartbeatMs,
    silentHeartbeats: SILENT_HEARTBEATS,
    maxMessageBytes,
    // The contract knows no age: a console that somebody left open stays open.
    maxAgeMs: 0,
    closing: closingOf,
  });
}

class PlainClient implements SocketReader {
  readonly #options: PlainEndpointOptions;
  readonly #socket: OwnSocket;
  readonly #client: RoomsClient;
  readonly #turns = new Turns();

  constructor(options: PlainEndpointOptions, socket: OwnSocket) {
    const { clients, desk, newClientId, now } = options;
    const clientId = newClientId();
    this.#options = options;
    this.#socket = socket;
    this.#client = {
      clientId,
      protocol: 'websocket',
      connection: socket,
      connectedAt: now(),
      received: 0,
      answered: 0,
    };
    clients.add(this.#client);
    socket.send(JSON.stringify(welcome(clientId, desk.timestamp())));
    // First of its turns, so that what a client broadcasts reaches itself, too.
    this.#turns.take(async () => void (await socket.subscribe(BROADCAST_CHANNEL)));
  }

  text(text: string): void {
    this.#take(() => parseText(text));
  }

  binary(): void {
    this.#take(() => ({ refused: 'TEXT_EXPECTED' }));
  }

  ended(end: { readonly code: number; readonly reason: string; readonly by: 'client' | 'server' }): void {
    this.#options.clients.remove(this.#client, end);
  }

  #take(parse: () => Parsed): void {
    const { clients, pace } = this.#options;
    clients.heard(this.#client);
    const verdict = pace.take(this.#client);
    if (verdict === 'exhausted') this.#socket.close('rateLimited');
    else if (verdict === 'refused') this.#refuse('RATE_LIMITED');
    else if (!this.#turns.take(() => this.#carryOut(parse()))) this.#refuse('BUSY');
  }

  /** Never rejects. */
  async #carryOut(parsed: Parsed): Promise<void> {
    const socket = this.#socket;
    try {
      if ('refused' in parsed) {
        this.#refuse(parsed.refused);
        return;
      }
      const { answer, told } = await this.#options.desk.carryOut(this.#client, parsed);
      if (!told) socket.send(JSON.stringify(answer));
    } catch (error) {
      if (error instanceof Refused) socket.send(errorText(error));
      else {
        this.#options.onError(error);
        socket.send(errorText({ code: 'INTERNAL', message: 'The server failed.' }));
      }
    }
  }

  #refuse(code: RoomsRefusal): void {
    this.#socket.send(errorText(refusal(code, this.#socket.language)));
  }
}
