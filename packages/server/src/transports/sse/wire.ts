/** The wire under a response: the socket of HTTP/1, once it is this response's turn on it; the stream of HTTP/2. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import { letGo } from './let-go.ts';
import { rawStreamHead, writeStreamHead } from './response-head.ts';
import type { SseWire } from './transport.ts';

export interface OpenedWire {
  readonly wire: SseWire;
  /** Begins the answer: returns what must leave before the first event; '' where the head goes its own way. */
  begin(): string;
  /** Frees the wire of HTTP, in a later turn; false: it stays as it is. */
  letGo(): boolean;
}

/** undefined: the client has gone. Throws a TypeError when the response has begun already. */
export async function openWire(req: IncomingMessage, res: ServerResponse): Promise<OpenedWire | undefined> {
  if (res.headersSent) throw new TypeError('This response has begun already: a stream needs it whole.');
  if (req.httpVersionMajor > 1) return http2Wire(res);
  const socket = req.socket.destroyed ? undefined : await ownSocket(req, res);
  return socket && { wire: socket, begin: () => rawStreamHead(res), letGo: () => letGo(socket, { req, res }) };
}

function http2Wire(res: ServerResponse): OpenedWire | undefined {
  const wire: unknown = 'stream' in res ? res.stream : undefined;
  if (!isHttp2Stream(wire) || wire.destroyed) return undefined;
  const begin = (): string => {
    writeStreamHead(res);
    return '';
  };
  return { wire, begin, letGo: () => false };
}

/** A pipelined request has no socket until those before it are answered. */
function ownSocket(req: IncomingMessage, res: ServerResponse): Promise<Socket | undefined> | Socket {
  if (res.socket !== null) return res.socket;
  return new Promise((resolve) => {
    const gone = (): void => resolve(undefined);
    req.socket.once('close', gone);
    res.once('socket', (socket: Socket) => {
      req.socket.off('close', gone);
      resolve(socket);
    });
  });
}

function isHttp2Stream(value: unknown): value is ServerHttp2Stream {
  return typeof value === 'object' && value !== null && 'respond' in value;
}
