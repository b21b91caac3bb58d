/** The transports that there are, by name. */
import { TRANSPORTS, type TransportName } from '@fanfare/protocol';
import type { Surroundings } from './platform.ts';
import type { Transport } from './wire.ts';
import { poll } from './wires/poll-wire.ts';
import { twoWaySse } from './wires/two-way-sse.ts';
import { ws } from './wires/ws-wire.ts';

/** Those that the platform has, best first. @throws TypeError for a transport that there is not, and where none is left */
export function transportsOf(
  names: readonly TransportName[],
  { webSocket }: Surroundings,
): readonly [Transport, ...Transport[]] {
  const known = { ws, sse: twoWaySse(), poll };
  const [best, ...others] = names.map((name) => known[name]).filter((one) => one !== ws || webSocket);
  if (best === undefined || !others.every(Boolean))
    throw new TypeError(`transports: some of ${TRANSPORTS}, not ${names}`);
  return [best, ...others];
}
