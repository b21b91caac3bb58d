/** The wire under a response: the socket of HTTP/1, once it is this response's turn on it; the stream of HTTP/2. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { Exchange } from '../../http/exchange.ts';
import { BareExchange } from '../../http/front/bare-exchange.ts';
import { ignoreError } from '../../http/front/front.ts';
import { letGo } from './let-go.ts';
import { bareStreamHead, rawStreamHead, writeStreamHead } from './response-head.ts';
import type { SseWire } from './transport.ts';

export interface OpenedWire {
  readonly wire: SseWire;
  /** Begins the answer: returns what must leave before the first event; '' where the head goes its own way. */
  begin(): string;
  /** Frees the wire of HTTP, in a later turn; false: it stays as it is. Absent: it is free. */
  readonly letGo?: () => boolean;
}

/** A request for a stream, and its answer. */
export type StreamExchange = Exchange | BareExchange;

/** undefined: the client has gone. Throws a TypeError when the response has begun already. */
export function openWire(exchange: StreamExchange): OpenedWire | undefined | Promise<OpenedWire | undefined> {
  if (exchange instanceof BareExchange) return bareWire(exchange);
  const { req, res } = exchange;
  if (res.headersSent) throw new TypeError('This response has begun already: a stream needs it whole.');
  if (req.httpVersionMajor > 1) return http2Wire(res);
  if (req.socket.destroyed) return undefined;
  return res.socket === null ? ownSocket(req, res) : httpWire(res.socket, { req, res });
}

function bareWire({ head, headers }: BareExchange): OpenedWire | undefined {
  const { socket } = head;
  if (socket.destroyed || socket.readableEnded) {
    socket.destroy();
    return undefined;
  }
  const begin = (): string => {
    // Whoever writes to the wire listens for its errors now.
    socket.off('error', ignoreError);
    return bareStreamHead(headers);
  };
  return { wire: socket, begin };
}

function httpWire(
  socket: Socket,
  { req, res }: { readonly req: IncomingMessage; readonly res: ServerResponse },
): OpenedWire {
  return { wire: socket, begin: () => rawStreamHead(res), letGo: () => letGo(socket, { req, res }) };
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
function ownSocket(req: IncomingMessage, res: ServerResponse): Promise<OpenedWire | undefined> {
  return new Promise((resolve) => {
    const gone = (): void => resolve(undefined);
    req.socket.once('close', gone);
    res.once('socket', (socket: Socket) => {
      req.socket.off('close', gone);
      resolve(httpWire(socket, { req, res }));
    });
  });
}

function isHttp2Stream(value: unknown): value is ServerHttp2Stream {
  return typeof value === 'object' && value !== null && 'respond' in value;
}
