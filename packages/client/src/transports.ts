/** The transports that there are, by name. */
import type { TransportName } from '@fanfare/protocol';
import type { Transport } from './wire.ts';
import { poll } from './wires/poll-wire.ts';
import { twoWaySse } from './wires/two-way-sse.ts';
import { ws } from './wires/ws-wire.ts';

/** Best first. @throws TypeError for a transport that there is not, and for none */
export function transportsOf(names: readonly TransportName[]): readonly Transport[] {
  const known = [ws, twoWaySse(), poll];
  const transports = names.flatMap((name) => known.filter((one) => one.name === name));
  if (transports.length === 0 || transports.length < names.length) {
    throw new TypeError(`transports: ws, sse, poll; not ${names}`);
  }
  return transports;
}
