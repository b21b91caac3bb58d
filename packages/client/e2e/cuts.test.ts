/** A network that ends connections in the middle of everything, rudely or politely. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultRun, type Stage, startStage, underLoad } from './stage.ts';
import { WIRES } from './wires.ts';

const CUTS = 4;

describe.each([
  ['resets connections', (stage: Stage) => stage.proxy.cutAll(['ws', 'sse', 'poll'])],
  ['ends connections with a FIN', (stage: Stage) => stage.proxy.endAll(['ws', 'sse', 'poll'])],
] as const)('a network that %s in the middle of everything', (_, cutAll) => {
  let stage: Stage;
  let run: FaultRun;

  beforeAll(async () => {
    stage = await startStage();
    run = await underLoad(stage);
    for (let cut = 1; cut <= CUTS; cut += 1) {
      expect(cutAll(stage)).toBeGreaterThan(0);
      await Promise.all(run.pages.map((page) => page.getsMore()));
    }
    await run.settle();
  }, 180_000);
  afterAll(() => stage?.[Symbol.asyncDispose]());

  it.each(WIRES)('%s: loses nothing, and comes back by itself', async (wire) => {
    await run.page(wire).isClean(run.burst.published);
    expect(await run.page(wire).losses()).toEqual([]);
  });
});
