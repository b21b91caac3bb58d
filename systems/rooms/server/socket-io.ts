/**
 * `/socket.io/`: the same rooms for a stock socket.io-client, over WebSocket and polling. Engine.IO is made here and bound, not
 * attached: Socket.IO's `attach` takes all listeners of a server, and ends upgrades to other paths.
 */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { createAdapter, hardenedOptions, hubConnection, type ShownEvent } from '@fanfare/socket.io-adapter';
import { Server as Engine } from 'engine.io';
import { type CloseFrame, FanfareError, type Identity } from 'fanfare';
import { type Exchange, fail, HttpError, OriginPolicy, refuseField, rejectUpgrade, sendError } from 'fanfare/http';
import { Server, type Socket } from 'socket.io';
import { BROADCAST_CHANNEL, BROADCAST_EVENT, ROOM_EVENT, roomOf } from './channels.ts';
import { endNameOf } from './close-words.ts';
import { EngineDoor } from './engine-door.ts';
import { SocketIoClient, type SocketIoClientOptions } from './socket-io-client.ts';

export interface SocketIoEndpointOptions extends SocketIoClientOptions {
  readonly allowedOrigins: readonly string[];
  readonly publicOrigins: readonly string[];
  readonly maxMessageBytes: number;
  /** Between two pings. */
  readonly heartbeatMs: number;
  /** A client that stays away longer is a new one, milliseconds. */
  readonly maxAwayMs: number;
}

export interface SocketIoEndpoint {
  /** A request of the polling transport. */
  handle(exchange: Exchange): void;
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): void;
  close(): Promise<void>;
}

/** Least time for the answer to a ping. */
const MIN_PING_TIMEOUT_MS = 2000;

export function socketIoEndpoint(options: SocketIoEndpointOptions): SocketIoEndpoint {
  const { live, heartbeatMs, maxMessageBytes, maxAwayMs, onError } = options;
  const origins = new OriginPolicy(options.allowedOrigins, { publicOrigins: options.publicOrigins });
  const identities = new WeakMap<Socket, Identity>();
  const io = new Server({
    ...hardenedOptions(),
    // Whoever is let in again is asked who it is again.
    connectionStateRecovery: { maxDisconnectionDuration: maxAwayMs, skipMiddlewares: false },
    adapter: createAdapter({
      ...{ live, onError, show, showEnd },
      channelOf: (room) => (roomOf(room) === undefined ? undefined : room),
      identityOf: (socket) => identities.get(socket),
    }),
  });
  const engine = new Engine({
    ...hardenedOptions(),
    maxHttpBufferSize: maxMessageBytes,
    pingInterval: heartbeatMs,
    // Together less than two heartbeats, after which a peer that answers nothing is gone.
    pingTimeout: Math.max(MIN_PING_TIMEOUT_MS, heartbeatMs * 0.75),
    transports: ['polling', 'websocket'],
  });
  const door = new EngineDoor({ live, origins });
  const joined = new WeakMap<object, () => void>();
  engine.on('connection', (conn: Socket['conn']) => {
    const done = door.waits(conn.request);
    joined.set(conn, done);
    conn.once('close', done);
  });
  io.bind(engine);
  io.use((socket, next) => {
    identify(options, socket)
      .then((identity) => {
        if (identity !== undefined) identities.set(socket, identity);
        next();
      })
      .catch((error: unknown) => next(refusalOf(error, onError)));
  });
  io.on('connection', (socket) => {
    joined.get(socket.conn)?.();
    const connection = hubConnection(socket);
    // One that the hub has no room for was told so, and has ended.
    if (connection?.closed === false) new SocketIoClient(options, socket, connection);
  });
  return {
    handle: ({ req, res, query, language }) => {
      // JSONP: an answer that is a script may be read by every page that can load scripts.
      if (query.has('j')) return refuseField('j', 'no JSONP', query.get('j'));
      const refusal = door.refuses(req);
      if (origins.guard(req, res)) return;
      // Answered here: it is on record already.
      if (refusal !== undefined) return sendError(req, res, { error: refusal, language });
      engine.handleRequest(Object.assign(req, { _query: undefined }), res);
    },
    upgrade: (req, socket, head) => {
      const refusal = door.refuses(req);
      if (refusal !== undefined) rejectUpgrade(req, socket, refusal);
      else engine.handleUpgrade(Object.assign(req, { _query: undefined }), socket, head);
    },
    close: () => io.close(),
  };
}

/** How hub events look to a socket: as on `/ws`, without the type, which is the name of the event. */
function show({
  channel,
  event,
  dataJson,
  position,
}: {
  readonly channel: string;
  readonly event: string;
  readonly dataJson: string;
  readonly position: string | undefined;
}): { readonly event: string; readonly dataJson: string } | undefined {
  if (channel === BROADCAST_CHANNEL) return { event: BROADCAST_EVENT, dataJson };
  const room = roomOf(channel);
  if (room === undefined || event !== ROOM_EVENT) return undefined;
  return { event, dataJson: `{"room":"${room}","position":"${position}",${dataJson.slice(1)}` };
}

/** `/ws` has codes and reasons in its close frame. */
function showEnd({ code, reason: message }: CloseFrame): ShownEvent | undefined {
  const name = endNameOf(code);
  if (name === undefined) return undefined;
  return { event: 'error', dataJson: JSON.stringify({ type: 'error', code: name, message }) };
}

/** As at every other door of the hub; and by `auth: { token }`, which a page can set where it cannot set a header. */
async function identify(
  { live }: SocketIoEndpointOptions,
  { request, handshake }: Socket,
): Promise<Identity | undefined> {
  const token: unknown = handshake.auth['token'];
  if (token !== undefined && token !== null) {
    // What can be no token is a wrong one, and nobody is let in as nobody who meant to be somebody.
    if (typeof token !== 'string' || !/^[\x21-\x7e]{1,8192}$/.test(token)) return fail('UNAUTHENTICATED');
    request.headers.authorization = `Bearer ${token}`;
  }
  return live.identify(request);
}

/** What a client is told in `connect_error`: `message` is the code. A fault of ours tells nothing of itself. */
function refusalOf(error: unknown, onError: (error: unknown) => void): Error {
  if (error instanceof FanfareError || error instanceof HttpError) return new Error(error.code);
  onError(error);
  return new Error('INTERNAL');
}
