/**
 * Who says that it is back is a new socket until the middlewares have let it in, and nobody's rooms, data or packets are its own.
 * Then it becomes who it was where it is still the same subject, and stays a new one where it is not.
 */
import { randomBytes } from 'node:crypto';
import type { AnyFanfare, Identity } from 'fanfare';
import type { Namespace, Socket } from 'socket.io';
import type { Session } from 'socket.io-adapter';
import type { Restorer } from './restorer.ts';
import type { Arriving, Returning } from './returning.ts';
import type { SessionStore } from './session-store.ts';

export interface ReadmissionOptions {
  readonly nsp: Namespace;
  readonly live: Pick<AnyFanfare, 'isInForce'>;
  readonly restorer: Restorer;
  readonly store: SessionStore;
  readonly returning: Returning;
  readonly identityOf: (socket: Socket) => Identity | undefined;
}

/** As long as those of Socket.IO. */
const ID_BYTES = 15;

export class Readmission {
  readonly #options: ReadmissionOptions;
  readonly #decided = new WeakSet<Socket>();

  constructor(options: ReadmissionOptions) {
    this.#options = options;
  }

  /** What Socket.IO is to make the socket of. undefined: there is nothing to come back to. */
  async claim(pid: string, offset: string): Promise<Session | undefined> {
    const id = newId();
    if (!(await this.#options.restorer.restore(id, { pid, offset }))) return undefined;
    // Socket.IO writes missed packets before it asks a middleware: it is given none.
    return { sid: id, pid: newId(), rooms: [], data: {}, missedPackets: [] };
  }

  /** Does it claim to be back, and is about to be connected? Asked when it joins the room of its own id, before its client is told. */
  isDue(socket: Socket | undefined): socket is Socket {
    return socket?.recovered === true && !this.#decided.has(socket);
  }

  /** undefined: it is new, and stays as it is. */
  decide(socket: Socket): Arriving | undefined {
    const { returning, store } = this.#options;
    this.#decided.add(socket);
    const arriving = returning.coming(socket.id);
    if (arriving === undefined || !this.#isSame(socket, arriving)) {
      returning.forget(socket.id);
      Reflect.set(socket, 'recovered', false);
      if (this.#skipsMiddlewares()) this.#sendAway(socket, arriving);
      return undefined;
    }
    void store.take(arriving.record);
    this.#become(socket, arriving);
    return arriving;
  }

  /** The one that it was must be gone by now, and whoever comes must be in force by itself. */
  #isSame(socket: Socket, { record: { sid, credential } }: Arriving): boolean {
    const { nsp, live, identityOf } = this.#options;
    const identity = identityOf(socket);
    if (nsp.sockets.has(sid) || identity?.subject !== credential?.subject) return false;
    return credential === null || (live.isInForce(credential) && identity !== undefined && live.isInForce(identity));
  }

  #become(socket: Socket, { record: { sid, pid, data } }: Arriving): void {
    const { nsp, returning } = this.#options;
    nsp.sockets.delete(socket.id);
    returning.renamed(socket.id, sid);
    // What the middlewares said of it is newer.
    Object.assign(socket, { id: sid, pid, data: { ...Object(data), ...socket.data } });
    nsp.sockets.set(sid, socket);
  }

  /** No middleware has let it in: it has to come again, as new. */
  #sendAway(socket: Socket, arriving: Arriving | undefined): void {
    if (arriving !== undefined) void this.#options.store.forget(arriving.record.pid);
    socket.conn.close(true);
    // Socket.IO finishes connecting it all the same, to a wire that has ended already.
    process.nextTick(() => socket.disconnect());
  }

  #skipsMiddlewares(): boolean {
    const { connectionStateRecovery: recovery } = Object(Reflect.get(this.#options.nsp.server, 'opts'));
    // As Socket.IO has it where nothing is said.
    return Object(recovery).skipMiddlewares !== false;
  }
}

function newId(): string {
  return randomBytes(ID_BYTES).toString('base64url');
}
