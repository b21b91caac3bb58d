/** The one behaviour suite of all wires: what PROTOCOL.md §4 to §7, §14 and §16 promise, over real sockets. */
import { describe } from 'vitest';
import { describeCommands } from './describe-transport/commanding.ts';
import { describeCuts } from './describe-transport/cutting.ts';
import { describeDelivery } from './describe-transport/delivering.ts';
import { describeIdentity } from './describe-transport/identifying.ts';
import { describeLife } from './describe-transport/living.ts';
import { describePublishing } from './describe-transport/publishing.ts';
import { describeRecovery } from './describe-transport/recovering.ts';
import type { TransportSetup } from './describe-transport/setup.ts';
import { describeSlowReaders } from './describe-transport/slowing.ts';
import { describeSwitch } from './describe-transport/switching.ts';

/** Declares the suite for one wire. */
export function describeTransport(name: string, setup: TransportSetup): void {
  describe(`transport ${name}`, () => {
    describeDelivery(setup);
    describeRecovery(setup);
    describeCommands(setup);
    describePublishing(setup);
    describeIdentity(setup);
    describeSwitch(setup);
    describeCuts(setup);
    if (!setup.isStream) return;
    describeLife(setup);
    describeSlowReaders(setup);
  });
}
