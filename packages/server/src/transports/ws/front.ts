/**
 * What every WebSocket path does before anybody is connected [PROTOCOL §13]: a denied origin is an HTTP answer, the credential
 * is looked at, and `ws` takes the socket with our limits. What follows is the path's own.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Language } from '@fanfare/protocol';
import { type Server, WebSocketServer } from 'ws';
import type { Identity } from '../../auth/identity.ts';
import { FanfareError } from '../../channels/fanfare-error.ts';
import type { DenialFacts, Hub } from '../../core/index.ts';
import { clientAddress } from '../../http/address.ts';
import { catalogueError, isUnexpected, toHttpError } from '../../http/errors.ts';
import { preferredLanguage } from '../../http/language.ts';
import type { OriginPolicy } from '../../http/origin-policy.ts';
import type { ProxyTrust } from '../../http/proxy-trust.ts';
import { rejectUpgrade } from '../../http/reject-upgrade.ts';
import type { RequestHead } from '../../http/request-head.ts';
import type { WireLimits } from '../../http/wire-limits.ts';
import { bearerRequest, openingRequest } from '../bearer-request.ts';
import type { ConnectionGate } from '../connection-gate.ts';
import { passingRefusal, type Refusal, thrownRefusal } from '../refusal.ts';
import { chosenProtocol, handshakeError, offeredToken } from './handshake.ts';
import { FanfareSocket } from './peer.ts';

export interface WsFrontOptions {
  readonly hub: Pick<Hub, 'disconnects'>;
  readonly origins: OriginPolicy;
  readonly gate: ConnectionGate;
  readonly limits: Pick<WireLimits, 'maxMessageBytes' | 'maxFragments'>;
  /** Proxies of ours in front. */
  readonly trustedHops: ProxyTrust;
  /** Who asks; rejects with what the application throws. */
  readonly identify: (request: IncomingMessage) => Promise<Identity | undefined>;
  /** Is there nothing in the request that could say whose it is? */
  readonly isAnonymous: (request: RequestHead) => boolean;
  /** Told what failed on our side. */
  readonly onError: (error: unknown) => void;
  /** Told who was refused. */
  readonly onDenied: (facts: DenialFacts) => void;
}

/** A WebSocket that stands, and what its request said. */
export interface Arrival {
  readonly peer: FanfareSocket;
  readonly req: IncomingMessage;
  readonly socket: Duplex;
  readonly language: Language;
  readonly entry: Entry;
  /** When it began to be let in, as the hub counts disconnections. */
  readonly since: number;
}

export type Entry = { readonly identity: Identity | undefined } | Refusal;

const NOBODY: Entry = { identity: undefined };
/** Of the chunks that a message may come in: each of them holds a buffer of its own. */
const MAX_CHUNKS = 1024;
/** A peer that has not answered our close frame by then is cut. */
const CLOSE_TIMEOUT_MS = 5000;

/** Compression is off: it costs a window of memory per connection, and a peer may send little that becomes much. */
const SETTINGS = {
  noServer: true,
  clientTracking: false,
  autoPong: false,
  perMessageDeflate: false,
  maxBufferedChunks: MAX_CHUNKS,
  closeTimeout: CLOSE_TIMEOUT_MS,
  handleProtocols: chosenProtocol,
  WebSocket: FanfareSocket,
};

export class WsFront {
  readonly #options: WsFrontOptions;
  readonly #accept: (arrival: Arrival) => void;
  readonly #server: Server<typeof FanfareSocket>;

  /** `accept`: told every WebSocket that stands, refused ones too. `maxMessageBytes`: @default the server's */
  constructor(
    options: WsFrontOptions,
    path: { readonly accept: (arrival: Arrival) => void; readonly maxMessageBytes?: number },
  ) {
    this.#options = options;
    this.#accept = path.accept;
    const { maxMessageBytes, maxFragments } = options.limits;
    const maxPayload = path.maxMessageBytes ?? maxMessageBytes;
    this.#server = new WebSocketServer({ ...SETTINGS, maxPayload, maxFragments });
    this.#server.on('wsClientError', (_, socket, req) => rejectUpgrade(req, socket, handshakeError(req)));
  }

  /** Takes over the socket of an upgrade request for the path. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    const { origins } = this.#options;
    const misdirected = origins.misdirected(req);
    if (misdirected !== undefined) {
      rejectUpgrade(req, socket, misdirected);
      this.#denied(req, misdirected.code);
      return;
    }
    if (origins.verdict(req) === 'denied' || origins.isForged(req)) {
      const got = req.headers.origin ?? `a ${req.headers['sec-fetch-site']} page`;
      rejectUpgrade(req, socket, catalogueError('ORIGIN_FORBIDDEN', { got }));
      this.#denied(req, 'ORIGIN_FORBIDDEN');
      return;
    }
    // Until `ws` listens nobody does, and a reset is an ordinary way for a client to leave.
    const onError = (): void => void socket.destroy();
    socket.on('error', onError);
    const language = preferredLanguage(req.headers['accept-language']);
    const since = this.#options.hub.disconnects.mark;
    const stand = (entry: Entry): void => {
      socket.off('error', onError);
      const arrive = (peer: FanfareSocket): void => this.#accept({ peer, req, socket, language, entry, since });
      this.#server.handleUpgrade(req, socket, head, arrive);
    };
    const fail = (error: unknown): void => {
      this.#options.onError(error);
      socket.destroy();
    };
    const admitted = this.#admit(req, language);
    if (admitted instanceof Promise) {
      admitted.then(stand).catch(fail);
      return;
    }
    try {
      stand(admitted);
    } catch (error) {
      fail(error);
    }
  }

  /** At once where nobody has to be asked. */
  #admit(req: IncomingMessage, language: Language): Entry | Promise<Entry> {
    const { gate, trustedHops, isAnonymous } = this.#options;
    const tooFast = gate.arrives(clientAddress(req, trustedHops));
    if (tooFast !== undefined) return passingRefusal(tooFast, language);
    const token = offeredToken(req);
    return token === undefined && isAnonymous(req) ? NOBODY : this.#ask(req, token, language);
  }

  /** Never rejects. */
  async #ask(req: IncomingMessage, token: string | undefined, language: Language): Promise<Entry> {
    const { identify, onError } = this.#options;
    try {
      if (token === '') throw new FanfareError('UNAUTHENTICATED');
      const asked = token === undefined ? req : bearerRequest(openingRequest(req), token, req.socket);
      return { identity: await identify(asked) };
    } catch (error) {
      if (isUnexpected(error)) onError(error);
      const { status, code } = toHttpError(error);
      if (status === 401 || status === 403) this.#denied(req, code);
      return thrownRefusal(error, language);
    }
  }

  #denied(req: IncomingMessage, code: string): void {
    const { onDenied, trustedHops } = this.#options;
    onDenied({ code, action: 'upgrade', address: clientAddress(req, trustedHops) });
  }
}
