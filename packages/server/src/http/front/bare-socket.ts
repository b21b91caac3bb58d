/**
 * Takes a socket out of Node's HTTP server: between two requests, or where the answer has become a stream. Node does it for upgrades, and
 * offers it for nothing else; so what is touched here is looked at first, and where anything is not as expected everything stays as it is.
 */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** The parts of Node's parser object that end its work, and that tell whether it is amid a request. The same on Node 20 to 24; the tests tell if it changes. */
interface HttpParser {
  incoming: unknown;
  socket: unknown;
  _consumed: boolean;
  /** What is wrong with an end of the input here: an error amid a request, undefined between two. Asking changes nothing. */
  finish(): Error | undefined;
  unconsume(): void;
  remove(): void;
  close(): void;
}

/** Node's own listeners on a server's socket. Others, such as an application's connection tracking, stay. */
const NODE_LISTENER = /^(?:bound )?(?:socketOn(?:Data|End|Close|Drain|Error|Timeout)|onSocket(?:Pause|Resume))$/;
const LISTENED = ['data', 'end', 'close', 'drain', 'error', 'timeout', 'pause', 'resume'] as const;

/** Has the last request been read and answered to its end, and nothing of a next one come? */
export function isBetweenRequests(socket: Socket): boolean {
  const parser = parserOf(socket);
  return (
    parser !== undefined &&
    !socket.destroyed &&
    !('encrypted' in socket) &&
    Reflect.get(socket, '_httpMessage') === null &&
    // A parser that is held up tells nothing of where it stands.
    Reflect.get(socket, '_paused') !== true &&
    parser.finish() === undefined &&
    socket.readableLength === 0 &&
    socket.writableLength === 0
  );
}

/** Is this the last request that was read, with none pipelined behind it? */
export function isLastRead(socket: Socket, req: IncomingMessage): boolean {
  return !socket.destroyed && parserOf(socket)?.incoming === req;
}

/** Call it in a later turn than the request was read in: the parser must not be closed from within. Whether the socket is now bare: nobody reads it, or listens for its errors. */
export function bare(socket: Socket): boolean {
  const parser = parserOf(socket);
  if (parser === undefined) return false;
  for (const event of LISTENED) {
    for (const listener of socket.listeners(event)) {
      if (NODE_LISTENER.test(listener.name) && isListener(listener)) socket.off(event, listener);
    }
  }
  if (parser._consumed) parser.unconsume();
  parser._consumed = false;
  parser.remove();
  parser.incoming = null;
  parser.socket = null;
  Reflect.set(socket, 'parser', null);
  parser.close();
  // Whoever gives it back lets the next parser read at the handle again.
  const handle: unknown = Reflect.get(socket, '_handle');
  if (typeof handle === 'object' && handle !== null) Reflect.set(handle, '_consumed', false);
  socket.setTimeout(0);
  return true;
}

/** Every listener is one; `listeners` gives them out as mere functions. */
function isListener(listener: unknown): listener is (...args: unknown[]) => void {
  return typeof listener === 'function';
}

function parserOf(socket: Socket): HttpParser | undefined {
  const parser: unknown = Reflect.get(socket, 'parser');
  return isHttpParser(parser) ? parser : undefined;
}

function isHttpParser(value: unknown): value is HttpParser {
  return (
    typeof value === 'object' &&
    value !== null &&
    'incoming' in value &&
    '_consumed' in value &&
    ['finish', 'unconsume', 'remove', 'close'].every((name) => typeof Reflect.get(value, name) === 'function')
  );
}
