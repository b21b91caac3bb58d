import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultRun, type Stage, startStage, underLoad } from './stage.ts';
import { WIRES } from './wires.ts';

const CUTS = 4;

describe('a network that resets connections in the middle of everything', () => {
  let stage: Stage;
  let run: FaultRun;

  beforeAll(async () => {
    stage = await startStage();
    run = await underLoad(stage);
    for (let cut = 1; cut <= CUTS; cut += 1) {
      expect(stage.proxy.cutAll(['ws', 'sse', 'poll'])).toBeGreaterThan(0);
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
