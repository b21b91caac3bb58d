import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultRun, type Stage, startStage, underLoad } from './stage.ts';
import { WIRES } from './wires.ts';

describe.each([
  ['forgets with its process', 'memory'],
  ['loses its disk', 'sqlite'],
] as const)('a server that %s', (_how, engine) => {
  let stage: Stage;
  let run: FaultRun;

  beforeAll(async () => {
    stage = await startStage({ engine });
    run = await underLoad(stage);
    await stage.server.crashAndLoseAll();
    await stage.server.start();
    await run.settle();
  }, 180_000);
  afterAll(() => stage?.[Symbol.asyncDispose]());

  it.each(WIRES)(
    '%s: is told that its history is gone, and misses nothing of the new one without a word',
    async (wire) => {
      expect(await run.page(wire).losses()).toEqual(['epoch']);
      await run.page(wire).isClean(run.burst.published);
    },
  );
});
