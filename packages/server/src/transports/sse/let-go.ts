/**
 * Takes a socket out of Node's HTTP server once the response has become a stream: afterwards the parser, the request and
 * the response are garbage, which is more than half of what an idle connection weighs.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { bare, isLastRead } from '../../http/front/bare-socket.ts';

/**
 * Call it in a later turn than the 'request' event: the parser must not be closed from within. Returns whether the socket
 * is now bare: then nobody reads it, and nobody listens for its errors but the caller. Else the stream works the same, and weighs more.
 */
export function letGo(
  socket: Socket,
  { req, res }: { readonly req: IncomingMessage; readonly res: ServerResponse },
): boolean {
  // A body that still arrives, or a request pipelined behind ours, still needs the parser.
  if (res.socket !== socket || !req.complete || !isLastRead(socket, req)) return false;
  res.detachSocket(socket);
  return bare(socket);
}
