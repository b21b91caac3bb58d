/**
 * GET /live/ws: the upgrade, and who asks. A browser cannot read the status of an upgrade that failed: all but a forbidden
 * Origin, which a page of somebody else's must not get past, is told in-band.
 */
import type { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { type CloseName, closeCode, describeError, type Language } from '@fanfare/protocol';
import { type WebSocket, WebSocketServer } from 'ws';
import { type Authenticate, type Identity, identify } from '../../auth/identity.ts';
import { FanfareError } from '../../channels/fanfare-error.ts';
import type { Clock, Hub } from '../../core/index.ts';
import { clientAddress } from '../../http/address.ts';
import { HttpError } from '../../http/errors.ts';
import { preferredLanguage } from '../../http/language.ts';
import type { OriginPolicy } from '../../http/origin-policy.ts';
import { withBearer } from '../bearer.ts';
import type { CommandSession, Commands } from '../commands.ts';
import { CommandRate } from './command-rate.ts';
import { webSocketMessages } from './encoding.ts';
import { refuseUpgrade } from './refuse-upgrade.ts';
import { WebSocketSession } from './session.ts';
import { WebSocketTransport } from './transport.ts';

export interface WebSocketEndpointOptions {
  readonly hub: Hub;
  readonly clock: Clock;
  readonly commands: Commands;
  readonly origins: OriginPolicy;
  readonly authenticate: Authenticate | undefined;
  readonly trustedHops: number;
  /** Told what failed on our side. */
  readonly onError: (error: unknown) => void;
}

const PROTOCOL = 'fanfare.v1';
const BEARER = 'bearer.';
const MAX_MESSAGE_BYTES = 64 * 1024;
/** At the default of `ws`, twenty clients that send a message in crumbs pin 34 MB. */
const MAX_FRAGMENTS = 64;
/** A connection without an identity or a subscription is somebody's mistake, or worse. */
const IDLE_MS = 10_000;

/** What an authentication ended with: somebody, nobody, or the reason why the connection ends at once. */
type Admission =
  | { readonly kind: 'admitted'; readonly identity: Identity | undefined }
  | { readonly kind: 'refused'; readonly code: string; readonly message: string; readonly close: CloseName };

export class WebSocketEndpoint {
  readonly #options: WebSocketEndpointOptions;
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: MAX_MESSAGE_BYTES,
    maxFragments: MAX_FRAGMENTS,
    perMessageDeflate: false,
    // A browser closes a connection whose answer names none of those that it offered.
    handleProtocols: (offered) => (offered.has(PROTOCOL) ? PROTOCOL : false),
  });

  constructor(options: WebSocketEndpointOptions) {
    this.#options = options;
  }

  /** Answers an upgrade of our path. Never throws; what fails ends this socket only. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void {
    const ignore = (): void => undefined;
    // Nobody else listens until `ws` does, and a reset in between must not end the process.
    socket.on('error', ignore);
    if (this.#options.origins.verdict(req) === 'denied') {
      refuseUpgrade(req, socket, 'ORIGIN_FORBIDDEN');
      return;
    }
    this.#admit(req).then(
      (admission) => {
        this.#server.handleUpgrade(req, socket, head, (webSocket) => {
          socket.off('error', ignore);
          if (socket instanceof Socket) this.#open({ req, socket, webSocket, admission });
          else webSocket.terminate();
        });
      },
      () => socket.destroy(),
    );
  }

  async #admit(req: IncomingMessage): Promise<Admission> {
    const language = preferredLanguage(req.headers['accept-language']);
    try {
      const token = bearerOf(req);
      const asker = token === undefined ? req : withBearer(req, token);
      return { kind: 'admitted', identity: await identify(this.#options.authenticate, asker) };
    } catch (error) {
      const isVerdict = (error instanceof HttpError || error instanceof FanfareError) && error.status < 500;
      if (!isVerdict) this.#options.onError(error);
      const code = isVerdict ? error.code : 'INTERNAL';
      const close = isVerdict ? (error.status === 403 ? 'forbidden' : 'unauthenticated') : 'internal';
      return { kind: 'refused', code, message: describeError(isVerdict ? 'UNAUTHENTICATED' : 'INTERNAL', language), close };
    }
  }

  #open(opened: { req: IncomingMessage; socket: Socket; webSocket: WebSocket; admission: Admission }): void {
    const { req, socket, webSocket, admission } = opened;
    const { hub, clock, commands, trustedHops } = this.#options;
    socket.setNoDelay(true);
    const transport = new WebSocketTransport(webSocket, socket);
    const address = clientAddress(req, trustedHops);
    const identity = admission.kind === 'admitted' ? admission.identity : undefined;
    const connection = hub.open(transport, {
      encoding: webSocketMessages,
      transport: 'ws',
      label: 'ws',
      address,
      identity: identity?.subject ?? '',
      idleMs: IDLE_MS,
      answers: true,
    });
    transport.attach(connection);
    const language: Language = preferredLanguage(req.headers['accept-language']);
    const session: CommandSession = { connection, request: req, address, language, identity };
    const now = (): number => clock.now();
    new WebSocketSession({ webSocket, session, commands, rate: new CommandRate(now()), now });
    if (admission.kind !== 'refused') return;
    const { code, message, close } = admission;
    connection.control({ type: 'error', code, message, retry: closeCode(close).reconnect });
    connection.close(close);
  }
}

/** `Sec-WebSocket-Protocol: fanfare.v1, bearer.<base64url>`: where a page puts a token that no URL should show. */
function bearerOf(req: IncomingMessage): string | undefined {
  const offered = req.headers['sec-websocket-protocol']?.split(',') ?? [];
  const found = offered.map((one) => one.trim()).find((one) => one.startsWith(BEARER));
  return found === undefined ? undefined : Buffer.from(found.slice(BEARER.length), 'base64url').toString();
}
