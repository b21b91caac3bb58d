/**
 * Writes at the handle of a plain socket, below its stream. Of what a delivery costs us beside the kernel's send, two thirds
 * were the stream's: a request object, a callback and a tick for every write, of which nothing is needed when the kernel
 * takes all bytes at once, as it nearly always does. Where Node has not what this needs, `directHandle` gives none, and the stream
 * writes. `socket.bytesWritten` does not count what is written here.
 */
import { type Handle, streamWrap, type WriteRequest } from './stream-wrap.ts';

interface DirectRequest extends WriteRequest {
  writer?: DirectWriter;
  /** Held, because the handle reads from them until it is done. */
  bytes?: Uint8Array;
}

/** Who waits for bytes that the kernel did not take at once. */
export interface DirectWriter {
  /** The peer has taken them; `false`: it is gone, and the socket is to be destroyed. */
  taken(isOpen: boolean): void;
}

/** One for all writes: a write that the kernel takes at once leaves it untouched. */
let spare: DirectRequest | undefined;

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
  if (streamWrap === undefined) return 'closed';
  const request: DirectRequest = spare ?? new streamWrap.WriteWrap();
  spare = undefined;
  const failed = typeof what === 'string' ? handle.writeLatin1String(request, what) : handle.writeBuffer(request, what);
  if (failed !== 0) {
    // As the stream does after an error: 'close' follows.
    writer.taken(false);
    return 'closed';
  }
  if (streamWrap.streamBaseState[streamWrap.kLastWriteWasAsync] === 0) {
    spare = request;
    return 'written';
  }
  request.oncomplete = onComplete;
  request.writer = writer;
  if (typeof what !== 'string') request.bytes = what;
  return 'buffered';
}

function onComplete(this: DirectRequest, status: number): void {
  this.writer?.taken(status === 0);
}
