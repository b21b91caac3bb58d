/** Reads along with what a client sends, as far as it takes to know what each request is for. HTTP/1.1 without pipelining. */
import type { WireKind } from './faults.ts';

export interface Piece {
  /** Set on the head of a request, whole; absent on everything else. */
  readonly wire?: WireKind;
  readonly bytes: Buffer;
}

const HEAD_END = Buffer.from('\r\n\r\n');

export class RequestWatch {
  #head: Buffer = Buffer.alloc(0);
  /** Bytes of the body that are still to come; Infinity once the connection is a WebSocket, or no HTTP that we understand. */
  #body = 0;

  feed(chunk: Buffer): Piece[] {
    const pieces: Piece[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      if (this.#body > 0) {
        const bytes = rest.subarray(0, Math.min(this.#body, rest.length));
        this.#body -= bytes.length;
        pieces.push({ bytes });
        rest = rest.subarray(bytes.length);
        continue;
      }
      this.#head = Buffer.concat([this.#head, rest]);
      const end = this.#head.indexOf(HEAD_END);
      if (end === -1) break;
      const bytes = this.#head.subarray(0, end + HEAD_END.length);
      rest = this.#head.subarray(bytes.length);
      this.#head = Buffer.alloc(0);
      const head = bytes.toString('latin1');
      const wire = wireOf(head);
      this.#body = wire === 'ws' ? Number.POSITIVE_INFINITY : bodyLength(head);
      pieces.push({ wire, bytes });
    }
    return pieces;
  }
}

function wireOf(head: string): WireKind {
  const path = head.slice(0, head.indexOf('\r\n'));
  if (/^upgrade:\s*websocket\s*$/im.test(head)) return 'ws';
  if (/\/live\/sse[? ]/.test(path) || /^accept:.*text\/event-stream/im.test(head)) return 'sse';
  return /\/live\/poll[? ]/.test(path) ? 'poll' : 'other';
}

function bodyLength(head: string): number {
  if (/^transfer-encoding:/im.test(head)) return Number.POSITIVE_INFINITY;
  return Number(/^content-length:\s*(\d+)/im.exec(head)?.[1] ?? 0);
}
