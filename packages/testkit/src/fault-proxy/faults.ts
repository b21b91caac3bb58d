/** What a network between client and server can do to a connection: the words of the fault proxy. */

/** What a connection carries, by its latest request. `other`: pages, publishes, everything that is short. */
export type WireKind = 'ws' | 'sse' | 'poll' | 'other';

export const WIRE_KINDS: readonly WireKind[] = ['ws', 'sse', 'poll', 'other'];

/** Each holds for open connections and for those to come, until the kind is healed or suffers another. */
export type Fault =
  | { readonly kind: 'pass' }
  /** RST to both sides; a FIN may arrive just before it, for Node ends its writing side first. */
  | { readonly kind: 'reset' }
  /** FIN to both sides, in the middle of whatever was being said. */
  | { readonly kind: 'end' }
  /**
   * Connections are accepted and stay open, and bytes stop: both ways, or one way only. Nothing is thrown away: healed, it goes on
   * where it stopped, as TCP does after an outage. What either side closes meanwhile, the other does not hear of.
   */
  | { readonly kind: 'black-hole'; readonly direction: 'both' | 'to-client' | 'to-server' }
  /** The request is not passed on: the proxy hangs up, or answers with a page of its own. Open connections stay. */
  | { readonly kind: 'refuse'; readonly answer: 'close' | 403 | 502 }
  /** Answer heads pass; bodies are held back until so many bytes are together, or the end. Healed: what is held passes. */
  | { readonly kind: 'buffer'; readonly bytes: number }
  /** Every answer is cut with an RST when it has lasted so long. */
  | { readonly kind: 'cut-after'; readonly ms: number }
  /** Everything arrives later, in order, both ways. */
  | { readonly kind: 'latency'; readonly ms: number };

export const PASS: Fault = { kind: 'pass' };

export function stopsToServer(fault: Fault): boolean {
  return fault.kind === 'black-hole' && fault.direction !== 'to-client';
}

export function stopsToClient(fault: Fault): boolean {
  return fault.kind === 'black-hole' && fault.direction !== 'to-server';
}
