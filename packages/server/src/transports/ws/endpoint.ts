/** GET /live/ws [PROTOCOL §13]: a denied origin is an HTTP answer; every other verdict is told inside the WebSocket. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { encodeFrame, type Language } from '@fanfare/protocol';
import type { Identity } from '../../auth/identity.ts';
import { type Entropy, type Hub, type HubLimits, retryDelayMs } from '../../core/index.ts';
import { clientAddress } from '../../http/address.ts';
import type { RequestHead } from '../../http/request-head.ts';
import type { WireLimits } from '../../http/wire-limits.ts';
import { type OpeningRequest, openingRequest } from '../bearer-request.ts';
import { disabledTransport, passingRefusal, type Refusal, refusalFrames } from '../refusal.ts';
import { textMessage, wsEncoding } from './encoding.ts';
import { type Arrival, WsFront, type WsFrontOptions } from './front.ts';
import type { WsPeer } from './peer.ts';
import { type SessionHost, WsSession } from './session.ts';

export interface WsEndpointOptions extends SessionHost, WsFrontOptions {
  readonly hub: Hub;
  readonly entropy: Entropy;
  readonly limits: Pick<HubLimits, 'minRetryMs' | 'maxRetryMs'> & WireLimits;
  /** Does the application tell users apart? Only then a token may be asked about later. */
  readonly knowsUsers: boolean;
}

/** The headers of a browser are a quarter of what an idle connection weighs. */
const NOTHING_KEPT: OpeningRequest = { url: '/', headers: {} };
const NOTHING = Buffer.alloc(0);

export class WsEndpoint {
  readonly #options: WsEndpointOptions;
  readonly #front: WsFront;

  constructor(options: WsEndpointOptions) {
    this.#options = options;
    this.#front = new WsFront(options, { accept: (arrival) => this.#accept(arrival) });
  }

  /** Takes over the socket of an upgrade request for our path. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    this.#front.upgrade(req, socket, head);
  }

  /** The same of a request alone on a socket that nobody reads, from a page that may ask. */
  admit(head: RequestHead): void {
    this.#front.admit({ head, socket: head.socket, bytes: NOTHING });
  }

  #accept({ peer, head, language, entry, since }: Arrival): void {
    const { hub, limits, entropy, trustedHops, knowsUsers } = this.#options;
    const address = clientAddress(head, trustedHops);
    const refusal = 'close' in entry ? entry : this.#refusalOf(entry.identity, { address, language });
    if (refusal !== undefined) this.#refuse(peer, refusal);
    else if (!('close' in entry)) {
      const { identity } = entry;
      const connection = hub.open(peer, {
        encoding: wsEncoding,
        transport: 'ws',
        address,
        credential: identity,
        since,
        idleMs: limits.unauthenticatedMs,
        answers: true,
        retryMs: retryDelayMs(limits, entropy, hub.connectionCount),
      });
      const opening = knowsUsers ? openingRequest(head) : NOTHING_KEPT;
      const { socket } = head;
      peer.attach(new WsSession(this.#options, { connection, identity, language, opening, peer, socket }));
    }
  }

  /** Why nobody gets in now. */
  #refusalOf(
    identity: Identity | undefined,
    { address, language }: { readonly address: string; readonly language: Language },
  ): Refusal | undefined {
    const { hub, gate } = this.#options;
    if (!hub.transports.allows('ws')) return disabledTransport(hub.transports.allowed, language);
    const reason = gate.refuses({ identity: identity?.subject ?? '', address, channels: [] });
    return reason && passingRefusal(reason, language);
  }

  /** A page cannot read the status of a failed upgrade: it is told in frames, and by the code of the close. */
  #refuse(peer: WsPeer, refusal: Refusal): void {
    const { limits, entropy } = this.#options;
    const retryMs = retryDelayMs(limits, entropy, Number.POSITIVE_INFINITY);
    const frames = refusalFrames(refusal, retryMs);
    peer.send(frames.map((frame) => textMessage(encodeFrame(frame))));
    const last = frames.at(-1);
    if (last?.type === 'close') peer.close(last);
  }
}
