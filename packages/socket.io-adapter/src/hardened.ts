/** Limits of Engine.IO that its defaults leave open: how much a peer may cost before its message is whole. */
import { WebSocketServer, type ServerOptions as WsServerOptions } from 'ws';

/** Of one message. Socket.IO's default is 1 MB. */
const MAX_MESSAGE_BYTES = 64 * 1024;
const MAX_FRAGMENTS = 64;
const MAX_CHUNKS = 1024;

/** Engine.IO makes one of these for its WebSockets. `ws` takes any number of fragments unless told otherwise. */
export class BoundedWebSocketServer extends WebSocketServer {
  constructor(options: WsServerOptions) {
    const bounds = { maxFragments: MAX_FRAGMENTS, maxBufferedChunks: MAX_CHUNKS, perMessageDeflate: false };
    super({ ...options, ...bounds });
  }
}

/** Options of a Socket.IO server for the open internet, made by `hardenedOptions()`. */
export interface HardenedOptions {
  readonly maxHttpBufferSize: number;
  readonly perMessageDeflate: false;
  readonly httpCompression: false;
  readonly allowEIO3: false;
  readonly serveClient: false;
  readonly connectTimeout: number;
  readonly wsEngine: typeof BoundedWebSocketServer;
}

/** To be spread into the options of a Socket.IO server, before your own. */
export function hardenedOptions(): HardenedOptions {
  return {
    maxHttpBufferSize: MAX_MESSAGE_BYTES,
    perMessageDeflate: false,
    httpCompression: false,
    allowEIO3: false,
    serveClient: false,
    // Who has joined no namespace by then is cut.
    connectTimeout: 10_000,
    wsEngine: BoundedWebSocketServer,
  };
}
