/** The one behaviour suite of all engines: what `Broker` and `Engine` promise, as tests. */
import { describe } from 'vitest';
import { describeAppending, describeBroadcast, describeFollowing } from './describe-engine/appending.ts';
import { describeDurability } from './describe-engine/durability.ts';
import type { MakeEngine } from './describe-engine/fixture.ts';
import { describeIdempotency } from './describe-engine/idempotency.ts';
import { describeModel } from './describe-engine/model.ts';
import { describeGaps, describeNewest, describeWindow } from './describe-engine/reading.ts';
import { describeSharing } from './describe-engine/sharing.ts';

/**
 * `durable`: history survives a restart at the same place and kill -9. `child`: the module of a process that opens the
 * engine through `runEngineChild`. `shared`: several may be open at one place at once, and are one.
 */
export type EngineTraits = ({ readonly durable: false } | { readonly durable: true; readonly child: URL }) & {
  readonly shared?: boolean;
};

/** Declares the suite for one engine. `make` opens it; the engine uses nothing outside of `setup.place`. */
export function describeEngine(name: string, make: MakeEngine, traits: EngineTraits): void {
  describe(`engine ${name}`, () => {
    describeAppending(make, traits.durable);
    describeFollowing(make);
    describeBroadcast(make);
    describeWindow(make, traits.durable);
    describeGaps(make);
    describeNewest(make);
    describeIdempotency(make, traits.durable);
    describeModel(make, traits.durable);
    if (traits.durable) describeDurability(make, traits.child);
    if (traits.shared === true) describeSharing(make);
  });
}
