/**
 * Hears at the handle of a plain socket, below its stream, that the peer has gone. Where a proxy ends, ten thousand peers go in one
 * moment: one poll of the loop reads all their ends, and what the stream does about each of them, right there, kept everybody else
 * waiting for 100 ms and more. Whoever listens here may put it off.
 */
import { type Handle, type OnRead, streamWrap } from './stream-wrap.ts';

export interface EndListener {
  /**
   * The peer has closed its half, or has reset the connection; nothing more is read, and nothing is told twice. true: the listener ends
   * the socket, now or later, and the stream hears nothing. false: the stream does what it always does.
   */
  peerLeft(): boolean;
}

/** Where a handle's only function finds the listener of its socket. */
const listenerOf: unique symbol = Symbol('fanfare.end');

interface HeardHandle extends Handle {
  [listenerOf]?: EndListener;
}

/** What Node itself does with what was read: one function for all sockets. */
let nodeOnRead: OnRead | undefined;

/** Where Node reads in another way than everywhere else, it goes on doing so, and the listener is not told. */
export function hearEnd(handle: HeardHandle, listener: EndListener): void {
  if (handle.onread === onRead) {
    handle[listenerOf] = listener;
    return;
  }
  if (handle.onread?.name !== 'onStreamRead') return;
  nodeOnRead ??= handle.onread;
  if (handle.onread !== nodeOnRead) return;
  handle[listenerOf] = listener;
  handle.onread = onRead;
}

function onRead(this: HeardHandle, bytes: ArrayBuffer | undefined): unknown {
  if (isEnd() && this[listenerOf]?.peerLeft() === true) return undefined;
  return nodeOnRead?.call(this, bytes);
}

/** Below zero it is an error, of which the end is one. */
function isEnd(): boolean {
  return streamWrap !== undefined && (streamWrap.streamBaseState[streamWrap.kReadBytesOrError] ?? 0) < 0;
}
