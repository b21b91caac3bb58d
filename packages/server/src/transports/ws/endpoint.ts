/** GET /live/ws [PROTOCOL §13]: a denied origin is an HTTP answer; every other verdict is told inside the WebSocket. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { encodeFrame, type Language } from '@fanfare/protocol';
import { type Server, WebSocketServer } from 'ws';
import type { Identity } from '../../auth/identity.ts';
import { FanfareError } from '../../channels/fanfare-error.ts';
import { type Entropy, type Hub, type HubLimits, retryDelayMs } from '../../core/index.ts';
import { clientAddress } from '../../http/address.ts';
import { catalogueError, isUnexpected } from '../../http/errors.ts';
import { preferredLanguage } from '../../http/language.ts';
import type { OriginPolicy } from '../../http/origin-policy.ts';
import { bearerRequest, type OpeningRequest, openingRequest } from '../bearer-request.ts';
import { disabledTransport, passingRefusal, type Refusal, refusalFrames, thrownRefusal } from '../refusal.ts';
import { wsEncoding } from './encoding.ts';
import { chosenProtocol, handshakeError, offeredToken, rejectUpgrade } from './handshake.ts';
import { FanfareSocket, readPeer } from './peer.ts';
import { type SessionHost, WsSession } from './session.ts';
import { WsTransport } from './transport.ts';

export interface WsEndpointOptions extends SessionHost {
  readonly hub: Hub;
  readonly entropy: Entropy;
  readonly limits: Pick<HubLimits, 'minRetryMs' | 'maxRetryMs'>;
  readonly origins: OriginPolicy;
  /** Does the application tell users apart? Only then a token may be asked about later. */
  readonly knowsUsers: boolean;
  /** Proxies of ours in front. */
  readonly trustedHops: number;
  /** Told what failed on our side. */
  readonly onError: (error: unknown) => void;
}

/** Of one message, and of the chunks and fragments that it may come in: each of those holds a buffer of its own. */
const MAX_MESSAGE_BYTES = 64 * 1024;
const MAX_FRAGMENTS = 64;
const MAX_CHUNKS = 1024;
/** A peer that has not answered our close frame by then is cut. */
const CLOSE_TIMEOUT_MS = 5000;
/** A connection with neither subscription nor identity lives no longer. */
const IDLE_MS = 10_000;

/** Compression is off: it costs a window of memory per connection, and a peer may send little that becomes much. */
const SETTINGS = {
  noServer: true,
  clientTracking: false,
  autoPong: false,
  perMessageDeflate: false,
  maxPayload: MAX_MESSAGE_BYTES,
  maxFragments: MAX_FRAGMENTS,
  maxBufferedChunks: MAX_CHUNKS,
  closeTimeout: CLOSE_TIMEOUT_MS,
  handleProtocols: chosenProtocol,
  WebSocket: FanfareSocket,
};

/** The headers of a browser are a quarter of what an idle connection weighs. */
const NOTHING_KEPT: OpeningRequest = { url: '/', headers: {} };

type Admission = { readonly identity: Identity | undefined } | Refusal;

export class WsEndpoint {
  readonly #options: WsEndpointOptions;
  readonly #server: Server<typeof FanfareSocket>;

  constructor(options: WsEndpointOptions) {
    this.#options = options;
    this.#server = new WebSocketServer(SETTINGS);
    this.#server.on('wsClientError', (_, socket, req) => rejectUpgrade(req, socket, handshakeError(req)));
  }

  /** Takes over the socket of an upgrade request for our path. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    if (this.#options.origins.verdict(req) === 'denied') {
      rejectUpgrade(req, socket, catalogueError('ORIGIN_FORBIDDEN', { got: req.headers.origin ?? '' }));
      return;
    }
    // Until `ws` listens nobody does, and a reset is an ordinary way for a client to leave.
    const onError = (): void => void socket.destroy();
    socket.on('error', onError);
    this.#admit(req)
      .then((admission) => {
        socket.off('error', onError);
        this.#server.handleUpgrade(req, socket, head, (peer) => this.#accept(peer, { req, socket, admission }));
      })
      .catch((error: unknown) => {
        this.#options.onError(error);
        socket.destroy();
      });
  }

  /** Never rejects. */
  async #admit(req: IncomingMessage): Promise<Admission> {
    const { identify, onError } = this.#options;
    const language = languageOf(req);
    try {
      const token = offeredToken(req);
      if (token === '') throw new FanfareError('UNAUTHENTICATED');
      const asked = token === undefined ? req : bearerRequest(openingRequest(req), token, req.socket);
      return { identity: await identify(asked) };
    } catch (error) {
      if (isUnexpected(error)) onError(error);
      return thrownRefusal(error, language);
    }
  }

  #accept(
    peer: FanfareSocket,
    {
      req,
      socket,
      admission,
    }: { readonly req: IncomingMessage; readonly socket: Duplex; readonly admission: Admission },
  ): void {
    const language = languageOf(req);
    const refusal = 'close' in admission ? admission : this.#refusalOf(language);
    if (refusal !== undefined) this.#refuse(peer, refusal);
    else if (!('close' in admission)) {
      const { hub, limits, entropy, trustedHops, knowsUsers } = this.#options;
      const { identity } = admission;
      const transport = new WsTransport(peer, socket);
      const connection = hub.open(transport, {
        encoding: wsEncoding,
        transport: 'ws',
        address: clientAddress(req, trustedHops),
        credential: identity,
        idleMs: IDLE_MS,
        answers: true,
        retryMs: retryDelayMs(limits, entropy, hub.connectionCount),
      });
      transport.attach(connection);
      const opening = knowsUsers ? openingRequest(req) : NOTHING_KEPT;
      const session = new WsSession(this.#options, {
        connection,
        identity,
        language,
        opening,
        peer,
        socket: req.socket,
      });
      readPeer(peer, { session, transport });
    }
  }

  /** Why nobody gets in now. */
  #refusalOf(language: Language): Refusal | undefined {
    const { hub } = this.#options;
    if (!hub.transports.allows('ws')) return disabledTransport(hub.transports.allowed, language);
    if (hub.draining) return passingRefusal('DRAINING', language);
    return hub.accepts ? undefined : passingRefusal('TOO_MANY_CONNECTIONS', language);
  }

  /** A page cannot read the status of a failed upgrade: it is told in frames, and by the code of the close. */
  #refuse(peer: FanfareSocket, refusal: Refusal): void {
    const { limits, entropy } = this.#options;
    const retryMs = retryDelayMs(limits, entropy, Number.POSITIVE_INFINITY);
    const frames = refusalFrames(refusal, retryMs);
    readPeer(peer);
    for (const frame of frames) peer.send(encodeFrame(frame));
    const last = frames.at(-1);
    if (last?.type === 'close') peer.close(last.code, last.reason);
  }
}

function languageOf(req: IncomingMessage): Language {
  return preferredLanguage(req.headers['accept-language']);
}
