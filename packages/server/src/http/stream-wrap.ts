/**
 * The socket as Node wraps it, below its stream: for what the stream does for everybody and a crowd cannot afford. Where Node has not what
 * this needs there is no handle, and the stream does it all. The same on Node 20 to 24; the tests tell if it changes.
 */
import type { Socket } from 'node:net';

/** Once the socket is destroyed it refuses every write. */
export interface Handle {
  /** Bytes that wait for the peer, exactly; undefined once the socket is gone. */
  readonly writeQueueSize: number | undefined;
  /** 0, or the number of an error. Bytes that the kernel does not take wait, in order with those of the stream. */
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number;
  /** The same; what waits is a copy. */
  writeLatin1String(request: WriteRequest, text: string): number;
  /** Told whatever a read brought; how much, or why nothing, stands in `streamBaseState`. */
  onread?: OnRead;
}

export type OnRead = (this: Handle, bytes: ArrayBuffer | undefined) => unknown;

export interface WriteRequest {
  oncomplete?: (this: WriteRequest, status: number) => void;
}

interface Binding {
  readonly WriteWrap: new () => WriteRequest;
  /** What the last call of a handle left: one for all of them. */
  readonly streamBaseState: ArrayLike<number>;
  readonly kLastWriteWasAsync: number;
  readonly kReadBytesOrError: number;
}

export const streamWrap: Binding | undefined = findBinding();

/**
 * undefined: the stream does it. Over TLS the handle is another; while the stream holds bytes, they go first. To be kept: reaching it
 * through the socket is a look into another object for every delivery.
 */
export function directHandle(socket: Socket): Handle | undefined {
  if (streamWrap === undefined || !('_handle' in socket) || socket.writableLength > 0) return undefined;
  return isPlainHandle(socket._handle) ? socket._handle : undefined;
}

/** Node keeps these to itself, except here [DEP0111]; with `--permission` not even here. */
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
    typeof value.kLastWriteWasAsync === 'number' &&
    'kReadBytesOrError' in value &&
    typeof value.kReadBytesOrError === 'number'
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
