/** The publishing connections of a server: taken from `node:http` after their first request, given back as soon as they do anything else. */
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Publishing } from '../publishing.ts';
import { bare, isBetweenRequests } from './bare-socket.ts';
import { PublishLane } from './publish-lane.ts';

export interface PublishLanesOptions {
  readonly server: Server;
  /** What a request may go on with; undefined: it is none that publishes, or not by who may for good. */
  readonly publishing: (req: IncomingMessage) => Publishing | undefined;
  readonly maxBytes: number;
  readonly idleMs: number;
}

const PATH = '/live/api/publish';

export class PublishLanes {
  readonly #options: PublishLanesOptions;
  readonly #lanes = new Set<PublishLane>();
  /** Those that did something else once: they are many callers behind one proxy, or one of another kind. */
  readonly #others = new WeakSet<Socket>();
  #closed = false;

  constructor(options: PublishLanesOptions) {
    this.#options = options;
  }

  /** Told every request, before it is answered. */
  watch(req: IncomingMessage, res: ServerResponse): void {
    if (req.url !== PATH || req.method !== 'POST' || this.#others.has(req.socket)) return;
    // In a later turn: the answer may be out while the parser is still on the stack, and it must not be closed from within.
    res.once('finish', () => setImmediate(() => this.#adopt(req, res)));
  }

  /** Ends them, each once it has its answer; what is adopted afterwards ends at once. */
  close(): void {
    this.#closed = true;
    for (const lane of [...this.#lanes]) lane.close();
  }

  #adopt(req: IncomingMessage, res: ServerResponse): void {
    const { socket } = req;
    if (this.#closed || res.statusCode !== 200 || !res.shouldKeepAlive || !isBetweenRequests(socket)) return;
    const publishing = this.#options.publishing(req);
    if (publishing === undefined || !bare(socket)) {
      this.#others.add(socket);
      return;
    }
    const { maxBytes, idleMs } = this.#options;
    const giveBack = (from: Socket, bytes: Buffer): void => this.#giveBack(from, bytes);
    const ended = (gone: PublishLane): void => void this.#lanes.delete(gone);
    const lane = PublishLane.on(socket, { exchange: { req, res }, publishing, maxBytes, idleMs, giveBack, ended });
    if (lane === undefined) this.#giveBack(socket, Buffer.alloc(0));
    else this.#lanes.add(lane);
  }

  #giveBack(socket: Socket, bytes: Buffer): void {
    this.#others.add(socket);
    Reflect.set(socket, 'readableFlowing', null);
    if (bytes.length > 0) socket.unshift(bytes);
    this.#options.server.emit('connection', socket);
  }
}
