import { setTimeout as outage } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultRun, type Stage, startStage, underLoad } from './stage.ts';
import { WIRES } from './wires.ts';

/** Of D18. */
const PAUSE_MS = 40_000;

describe('D18: a server that is stopped for 40 s and goes on', () => {
  let stage: Stage;
  let run: FaultRun;

  beforeAll(async () => {
    stage = await startStage({ heartbeatMs: 2000 });
    run = await underLoad(stage);
    stage.server.pause();
    await outage(PAUSE_MS);
    stage.server.resume();
    await run.settle();
  }, 180_000);
  afterAll(() => stage?.[Symbol.asyncDispose]());

  it.each(WIRES)('%s: notices, says so, and comes back clean', async (wire) => {
    const page = run.page(wire);

    expect(await page.statuses()).toContain('reconnecting');
    expect(await page.losses()).toEqual([]);
    await page.isClean(run.burst.published);
  });
});
