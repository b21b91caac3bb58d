/** Who may begin a session of Engine.IO: asked before it is given a request, because its own checks come after its work. */
import type { IncomingMessage } from 'node:http';
import { catalogueError, countedNetwork, type HttpError, type OriginPolicy } from 'fanfare/http';
import type { RoomsLive } from './live.ts';

export interface EngineDoorOptions {
  readonly live: RoomsLive;
  readonly origins: OriginPolicy;
}

/** Sessions that have joined nothing yet, of everybody and of one network: they have ten seconds, and cost until then. */
const MAX_WAITING = 2000;
const MAX_WAITING_PER_NETWORK = 200;

export class EngineDoor {
  readonly #options: EngineDoorOptions;
  /** By network, '' for this machine. */
  readonly #waiting = new Map<string, number>();
  #allWaiting = 0;

  constructor(options: EngineDoorOptions) {
    this.#options = options;
  }

  /** What a request is refused with; undefined: it may pass. One of a session that stands (`sid`) is asked for its page alone. */
  refuses(req: IncomingMessage): HttpError | undefined {
    const { live, origins } = this.#options;
    const { address } = live.callerOf(req);
    const isForged = origins.isForged(req);
    if (isForged || origins.verdict(req) === 'denied') {
      live.accessDenied({ code: 'ORIGIN_FORBIDDEN', action: '/socket.io/', address });
      const got = isForged ? `a ${req.headers['sec-fetch-site']} page` : (req.headers.origin ?? '');
      return catalogueError('ORIGIN_FORBIDDEN', { got });
    }
    if (/[?&]sid=/.test(req.url ?? '')) return undefined;
    const refusal = live.arrives(req);
    if (refusal !== undefined) return catalogueError(refusal);
    const network = countedNetwork(address);
    const ofNetwork = network === '' ? 0 : (this.#waiting.get(network) ?? 0);
    if (this.#allWaiting < MAX_WAITING && ofNetwork < MAX_WAITING_PER_NETWORK) return undefined;
    live.limitReached('socketIoWaiting', { address });
    return catalogueError('TOO_MANY_CONNECTIONS');
  }

  /** A session stands, and has joined nothing. To be told once when it has, or has ended; more often is no mistake. */
  waits(req: IncomingMessage): () => void {
    const network = countedNetwork(this.#options.live.callerOf(req).address);
    this.#count(network, 1);
    let counts = true;
    return () => {
      if (counts) this.#count(network, -1);
      counts = false;
    };
  }

  #count(network: string, by: number): void {
    const count = (this.#waiting.get(network) ?? 0) + by;
    if (count === 0) this.#waiting.delete(network);
    else this.#waiting.set(network, count);
    this.#allWaiting += by;
  }
}
