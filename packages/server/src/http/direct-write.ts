/**
 * Writes at the handle of a plain socket, below its stream. Of what a delivery costs us beside the kernel's send, two thirds
 * were the stream's: a request object, a callback and a tick for every write, of which nothing is needed when the kernel
 * takes all bytes at once, as it nearly always does. Where Node has not what this needs, `directHandle` gives none, and the stream
 * writes. `socket.bytesWritten` does not count what is written here.
 */
import type { Socket } from 'node:net';

/** A socket as Node wraps it. The same on Node 20 to 24; the tests tell if it changes. Once the socket is destroyed it refuses every write. */
export interface Handle {
  /** Bytes that wait for the peer, exactly; undefined once the socket is gone. */
  readonly writeQueueSize: number | undefined;
  /** 0, or the number of an error. Bytes that the kernel does not take wait, in order with those of the stream. */
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  /** The same; what waits is a copy. */
  writeLatin1String(request: WriteRequest, text: string): number;
}

interface WriteRequest {
  oncomplete?: (this: WriteRequest, status: number) => void;
  writer?: DirectWriter;
  /** Held, because the handle reads from them until it is done. */
  bytes?: Uint8Array;
}

/** Who waits for bytes that the kernel did not take at once. */
export interface DirectWriter {
  /** The peer has taken them; `false`: it is gone, and the socket is to be destroyed. */
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

/**
 * undefined: the stream writes. Over TLS the handle is another; while the stream holds bytes, they go first. To be kept: reaching it
 * through the socket is a look into another object for every delivery.
 */
export function directHandle(socket: Socket): Handle | undefined {
  if (binding === undefined || !('_handle' in socket) || socket.writableLength > 0) return undefined;
  return isPlainHandle(socket._handle) ? socket._handle : undefined;
}

/** Writes all chunks in order; 'buffered': some of it waits. Small ones should have been joined: each chunk is a send. */
export function writeDirect(
  handle: Handle,
  chunks: readonly Uint8Array[],
  writer: DirectWriter,
): 'written' | 'buffered' | 'closed' {
  let outcome: 'written' | 'buffered' | 'closed' = 'written';
  for (const bytes of chunks) {
    const one = writeOne(handle, bytes, writer);
    if (one === 'closed') return one;
    // Behind bytes that wait everything waits.
    if (one === 'buffered') outcome = one;
  }
  return outcome;
}

/** Writes one short text, ASCII, as `writeDirect` does: what one peer alone gets needs no buffer. */
export function writeDirectText(handle: Handle, text: string, writer: DirectWriter): 'written' | 'buffered' | 'closed' {
  return writeOne(handle, text, writer);
}

function writeOne(handle: Handle, what: Uint8Array | string, writer: DirectWriter): 'written' | 'buffered' | 'closed' {
  if (binding === undefined) return 'closed';
  const request = spare ?? new binding.WriteWrap();
  spare = undefined;
  const failed = typeof what === 'string' ? handle.writeLatin1String(request, what) : handle.writeBuffer(request, what);
  if (failed !== 0) {
    // As the stream does after an error: 'close' follows.
    writer.taken(false);
    return 'closed';
  }
  if (binding.streamBaseState[binding.kLastWriteWasAsync] === 0) {
    spare = request;
    return 'written';
  }
  request.oncomplete = onComplete;
  request.writer = writer;
  if (typeof what !== 'string') request.bytes = what;
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
    'writeLatin1String' in value &&
    typeof value.writeLatin1String === 'function' &&
    'writeQueueSize' in value &&
    typeof value.writeQueueSize === 'number'
  );
}
