/**
 * Writes at the handle of a plain socket, below its stream. Of what a delivery costs us beside the kernel's send, two thirds
 * were the stream's: a request object, a callback and a tick for every write, of which nothing is needed when the kernel
 * takes all bytes at once, as it nearly always does. Where Node has not what this needs, `isDirect` says no, and the stream
 * writes. `socket.bytesWritten` does not count what is written here.
 */
import type { Socket } from 'node:net';

/** A socket as Node wraps it. The same on Node 20 to 24; the tests tell if it changes. */
interface Handle {
  /** Bytes that wait for the peer, exactly. */
  readonly writeQueueSize: number;
  /** 0, or the number of an error. Bytes that the kernel does not take wait, in order with those of the stream. */
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
}

interface WriteRequest {
  oncomplete?: (this: WriteRequest, status: number) => void;
  writer?: DirectWriter;
  /** Held, because the handle reads from them until it is done. */
  bytes?: Uint8Array;
}

export interface DirectSocket extends Socket {
  /** null once the socket is destroyed. */
  readonly _handle: Handle | null;
}

/** Who waits for bytes that the kernel did not take at once. */
export interface DirectWriter {
  /** The peer has taken them; `false`: it is gone. */
  taken(isOpen: boolean): void;
}

interface Binding {
  readonly WriteWrap: new () => WriteRequest;
  readonly streamBaseState: ArrayLike<number>;
  readonly kLastWriteWasAsync: number;
}

const binding: Binding | undefined = findBinding();
/** One for all writes: a write that the kernel takes at once leaves it untouched. */
let spare: WriteRequest | undefined;

/** Not over TLS, whose handle is another; not while the stream holds bytes, which go first. */
export function isDirect(socket: Socket): socket is DirectSocket {
  if (binding === undefined || !('_handle' in socket) || socket.writableLength > 0) return false;
  return isPlainHandle(socket._handle);
}

/** Writes all chunks in order; 'buffered': some of it waits. Small ones should have been joined: each chunk is a send. */
export function writeDirect(
  socket: DirectSocket,
  chunks: readonly Uint8Array[],
  writer: DirectWriter,
): 'written' | 'buffered' | 'closed' {
  let outcome: 'written' | 'buffered' | 'closed' = 'written';
  for (const bytes of chunks) {
    const one = writeOne(socket, bytes, writer);
    if (one === 'closed') return one;
    // Behind bytes that wait everything waits.
    if (one === 'buffered') outcome = one;
  }
  return outcome;
}

function writeOne(socket: DirectSocket, bytes: Uint8Array, writer: DirectWriter): 'written' | 'buffered' | 'closed' {
  const { _handle: handle } = socket;
  if (handle === null || binding === undefined) return 'closed';
  const request = spare ?? new binding.WriteWrap();
  spare = undefined;
  if (handle.writeBuffer(request, bytes) !== 0) {
    // As the stream does after an error: 'close' follows.
    socket.destroy();
    return 'closed';
  }
  if (binding.streamBaseState[binding.kLastWriteWasAsync] === 0) {
    spare = request;
    return 'written';
  }
  request.oncomplete = onComplete;
  request.writer = writer;
  request.bytes = bytes;
  return 'buffered';
}

function onComplete(this: WriteRequest, status: number): void {
  this.writer?.taken(status === 0);
}

/** Node keeps the class of write requests to itself, except here [DEP0111]; with `--permission` not even here. */
function findBinding(): Binding | undefined {
  try {
    const found: unknown =
      'binding' in process && typeof process.binding === 'function' && process.binding('stream_wrap');
    return isBinding(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

function isBinding(value: unknown): value is Binding {
  return (
    typeof value === 'object' &&
    value !== null &&
    'WriteWrap' in value &&
    typeof value.WriteWrap === 'function' &&
    'streamBaseState' in value &&
    ArrayBuffer.isView(value.streamBaseState) &&
    'kLastWriteWasAsync' in value &&
    typeof value.kLastWriteWasAsync === 'number'
  );
}

function isPlainHandle(value: unknown): value is Handle {
  return (
    typeof value === 'object' &&
    value !== null &&
    (value.constructor.name === 'TCP' || value.constructor.name === 'Pipe') &&
    'writeBuffer' in value &&
    typeof value.writeBuffer === 'function' &&
    'writeQueueSize' in value &&
    typeof value.writeQueueSize === 'number'
  );
}
