/**
 * Takes a socket out of Node's HTTP server once the response has become a stream: afterwards the parser, the request and
 * the response are garbage, which is more than half of what an idle connection weighs. Node does the same for an upgrade,
 * but offers it for nothing else; so what is touched here is looked at first, and where anything is not as expected
 * everything stays as it is: the stream works the same, and weighs more.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';

/** The part of Node's parser object that ends its work. The same on Node 20 to 24; the tests tell if it changes. */
interface HttpParser {
  incoming: unknown;
  socket: unknown;
  _consumed: boolean;
  unconsume(): void;
  remove(): void;
  close(): void;
}

/** Node's own listeners on a server's socket. Others, such as an application's connection tracking, stay. */
const NODE_LISTENER = /^(?:bound )?(?:socketOn(?:Data|End|Close|Drain|Error|Timeout)|onSocket(?:Pause|Resume))$/;
const LISTENED = ['data', 'end', 'close', 'drain', 'error', 'timeout', 'pause', 'resume'] as const;

/**
 * Call it in a later turn than the 'request' event: the parser must not be closed from within. Returns whether the socket
 * is now bare: then nobody reads it, and nobody listens for its errors but the caller.
 */
export function letGo(
  socket: Socket,
  exchange: { readonly req: IncomingMessage; readonly res: ServerResponse },
): boolean {
  const { req, res } = exchange;
  const parser = 'parser' in socket ? socket.parser : undefined;
  if (!isHttpParser(parser) || !('parser' in socket) || socket.destroyed || res.socket !== socket) return false;
  // A body that still arrives, or a request pipelined behind ours, still needs the parser.
  if (!req.complete || parser.incoming !== req) return false;

  for (const event of LISTENED) {
    for (const listener of socket.listeners(event)) {
      if (NODE_LISTENER.test(listener.name) && isListener(listener)) socket.off(event, listener);
    }
  }
  res.detachSocket(socket);
  if (parser._consumed) parser.unconsume();
  parser._consumed = false;
  parser.remove();
  parser.incoming = null;
  parser.socket = null;
  socket.parser = null;
  parser.close();
  socket.setTimeout(0);
  return true;
}

/** Every listener is one; `listeners` gives them out as mere functions. */
function isListener(listener: unknown): listener is (...args: unknown[]) => void {
  return typeof listener === 'function';
}

function isHttpParser(value: unknown): value is HttpParser {
  return (
    typeof value === 'object' &&
    value !== null &&
    'incoming' in value &&
    '_consumed' in value &&
    'unconsume' in value &&
    typeof value.unconsume === 'function' &&
    'remove' in value &&
    typeof value.remove === 'function' &&
    'close' in value &&
    typeof value.close === 'function'
  );
}
