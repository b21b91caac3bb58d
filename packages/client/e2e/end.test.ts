import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultRun, type Stage, startStage, underLoad } from './stage.ts';
import { WIRES } from './wires.ts';

const ENDS = 4;

describe('a network that ends connections with a FIN in the middle of everything', () => {
  let stage: Stage;
  let run: FaultRun;

  beforeAll(async () => {
    stage = await startStage();
    run = await underLoad(stage);
    for (let cut = 1; cut <= ENDS; cut += 1) {
      expect(stage.proxy.endAll(['ws', 'sse', 'poll'])).toBeGreaterThan(0);
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
