/** The wires that Fanfare speaks, by name [PROTOCOL §1]; in the order in which a client tries them. */

export type TransportName = 'ws' | 'sse' | 'poll';

/** All of them, best first. */
export const TRANSPORTS: readonly TransportName[] = ['ws', 'sse', 'poll'];

/** Does this version know it? */
export function isTransportName(value: unknown): value is TransportName {
  const known: readonly unknown[] = TRANSPORTS;
  return known.includes(value);
}
