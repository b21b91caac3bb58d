/** The transports that there are, by name. */
import type { TransportName } from '@fanfare/protocol';
import { bestOf } from './climb.ts';
import type { MakeChoice } from './transport-choice.ts';
import { poll } from './wires/poll-wire.ts';
import { sse } from './wires/sse-wire.ts';
import { ws } from './wires/ws-wire.ts';

export const ALL: readonly TransportName[] = ['ws', 'sse', 'poll'];

/** Best first. @throws TypeError for a transport that there is not, and for none */
export function choiceOf(names: readonly TransportName[]): MakeChoice {
  const known = [ws, sse, poll];
  const transports = names.map((name) => {
    const transport = known.find((one) => one.name === name);
    if (transport === undefined) throw new TypeError(`transports: expected ws, sse or poll, got ${name}.`);
    return transport;
  });
  if (transports.length === 0) throw new TypeError('transports: expected at least one.');
  return bestOf(transports);
}
