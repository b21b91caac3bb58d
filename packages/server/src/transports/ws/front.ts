/**
 * What every WebSocket path does before anybody is connected [PROTOCOL §13]: a denied origin is an HTTP answer, the credential
 * is looked at, and the handshake is answered. What follows is the path's own.
 */
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { CloseFrame, Language } from '@fanfare/protocol';
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
import { requestMessage } from '../../http/request-message.ts';
import type { WireLimits } from '../../http/wire-limits.ts';
import { bearerRequest, openingRequest } from '../bearer-request.ts';
import type { ConnectionGate } from '../connection-gate.ts';
import { passingRefusal, type Refusal, thrownRefusal } from '../refusal.ts';
import { Departures } from './departures.ts';
import { handshakeAnswer, handshakeError, offeredToken } from './handshake.ts';
import { type PeerHost, WsPeer } from './peer.ts';
import type { Closing } from './transport.ts';

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
  readonly peer: WsPeer;
  readonly head: RequestHead;
  readonly language: Language;
  readonly entry: Entry;
  /** When it began to be let in, as the hub counts disconnections. */
  readonly since: number;
}

export type Entry = { readonly identity: Identity | undefined } | Refusal;

const NOBODY: Entry = { identity: undefined };

/** An upgrade request, and the socket that it came on. */
interface Upgrade {
  readonly head: RequestHead;
  readonly socket: Duplex;
  /** What came behind the request. */
  readonly bytes: Buffer;
}

/** What the application does with who stands there. */
export interface WsPath {
  /** Told every WebSocket that stands, refused ones too. */
  readonly accept: (arrival: Arrival) => void;
  /** @default the server's */
  readonly maxMessageBytes?: number;
  /** What other clients than ours are told. @default the code and reason of the frame */
  readonly closingOf?: (frame: CloseFrame) => Closing;
}

export class WsFront {
  readonly #options: WsFrontOptions;
  readonly #accept: WsPath['accept'];
  readonly #host: PeerHost;

  constructor(options: WsFrontOptions, { accept, maxMessageBytes, closingOf }: WsPath) {
    const { limits } = options;
    this.#options = options;
    this.#accept = accept;
    this.#host = {
      departures: new Departures(),
      limits: { maxMessageBytes: maxMessageBytes ?? limits.maxMessageBytes, maxFragments: limits.maxFragments },
      ...(closingOf === undefined ? {} : { closingOf }),
    };
  }

  /** Takes over the socket of an upgrade request for the path. */
  upgrade(req: IncomingMessage, socket: Duplex, bytes: Buffer): void {
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
    this.admit({ head: req, socket, bytes });
  }

  /** The same of a request from a page that may ask. */
  admit(upgrade: Upgrade): void {
    const { head, socket } = upgrade;
    const language = preferredLanguage(head.headers['accept-language']);
    const since = this.#options.hub.disconnects.mark;
    const stand = (entry: Entry): void => this.#stand(upgrade, { entry, language, since });
    const fail = (error: unknown): void => {
      this.#options.onError(error);
      socket.destroy();
    };
    const admitted = this.#admit(head, language);
    if (admitted instanceof Promise) {
      // Meanwhile nobody reads it.
      socket.on('error', destroyIt).pause();
      admitted.then(stand).catch(fail);
      return;
    }
    try {
      stand(admitted);
    } catch (error) {
      fail(error);
    }
  }

  #stand({ head, socket, bytes }: Upgrade, guest: Pick<Arrival, 'entry' | 'language' | 'since'>): void {
    socket.off('error', destroyIt);
    const flaw = handshakeError(head);
    if (flaw !== undefined) {
      rejectUpgrade(head, socket, flaw);
      return;
    }
    if (!socket.readable || !socket.writable) {
      socket.destroy();
      return;
    }
    if (socket instanceof Socket) socket.setTimeout(0).setNoDelay();
    if (bytes.length > 0) socket.unshift(bytes);
    const peer = new WsPeer(socket, handshakeAnswer(head), this.#host);
    this.#accept({ peer, head, ...guest });
  }

  /** At once where nobody has to be asked. */
  #admit(head: RequestHead, language: Language): Entry | Promise<Entry> {
    const { gate, trustedHops, isAnonymous } = this.#options;
    const tooFast = gate.arrives(clientAddress(head, trustedHops));
    if (tooFast !== undefined) return passingRefusal(tooFast, language);
    const token = offeredToken(head);
    return token === undefined && isAnonymous(head) ? NOBODY : this.#ask(head, token, language);
  }

  /** Never rejects. */
  async #ask(head: RequestHead, token: string | undefined, language: Language): Promise<Entry> {
    const { identify, onError } = this.#options;
    try {
      if (token === '') throw new FanfareError('UNAUTHENTICATED');
      const asked = token === undefined ? messageOf(head) : bearerRequest(openingRequest(head), token, head.socket);
      return { identity: await identify(asked) };
    } catch (error) {
      if (isUnexpected(error)) onError(error);
      const { status, code } = toHttpError(error);
      if (status === 401 || status === 403) this.#denied(head, code);
      return thrownRefusal(error, language);
    }
  }

  #denied(head: RequestHead, code: string): void {
    const { onDenied, trustedHops } = this.#options;
    onDenied({ code, action: 'upgrade', address: clientAddress(head, trustedHops) });
  }
}

/** As applications know it. */
function messageOf(head: RequestHead): IncomingMessage {
  return head instanceof IncomingMessage ? head : requestMessage(head);
}

/** Nobody else listens until it stands, and a reset is an ordinary way for a client to leave. */
function destroyIt(this: Duplex): void {
  this.destroy();
}
