/** Processes that are stopped and go on: the machine of a visitor that sleeps, browser and all, and a server without a processor. */
import { setTimeout as stopped } from 'node:timers/promises';
import type { Burst } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { HarnessPage } from './harness-page.ts';
import { type FaultRun, type Stage, startStage, underLoad } from './stage.ts';
import { WIRES, type Wire } from './wires.ts';

/** Of D16. */
const SLEEP_MS = 60_000;
/** A machine that starves its browser makes anything late; twice in a row it does not. A shorter sleep would show something else. */
const TRIES = 2;
const AWAKE_MS = 3000;
/** Of D18. */
const PAUSE_MS = 40_000;

// Side by side: most of it is waiting.
describe.concurrent('D16: a browser that is stopped for 60 s, in the middle of a burst', () => {
  let stage: Stage;
  let burst: Burst;
  const pages = new Map<Wire, HarnessPage>();
  /** How long after its resume a page had everything, at best of the tries. */
  const awakeMs = new Map<Wire, number>();

  beforeAll(async () => {
    stage = await startStage();
    const channel = stage.freshChannel();
    for (const wire of WIRES) pages.set(wire, await stage.open({ channel, wire }));
    for (const page of pages.values()) await page.isSubscribed();
    burst = stage.burst(channel, { publishers: 1, everyMs: 50 });
    for (const page of pages.values()) await page.getsMore();

    for (let tries = 0; tries < TRIES && !isSoonAwake(); tries += 1) await sleep();
    await burst.stop();
    const last = await burst.mark();
    for (const page of pages.values()) await page.gets(last);
  }, 240_000);
  afterAll(() => stage?.[Symbol.asyncDispose]());

  async function sleep(): Promise<void> {
    const processes = await processesOf(stage);
    for (const pid of processes) process.kill(pid, 'SIGSTOP');
    await stopped(SLEEP_MS);
    const last = await burst.mark();
    const resumedAt = Date.now();
    for (const pid of processes) process.kill(pid, 'SIGCONT');
    for (const [wire, page] of pages) {
      await page.gets(last);
      const had = (await page.record()).find((entry) => entry.kind === 'event' && entry.payload === last);
      const took = (had?.atMs ?? Number.POSITIVE_INFINITY) - resumedAt;
      awakeMs.set(wire, Math.min(awakeMs.get(wire) ?? took, took));
    }
  }

  function isSoonAwake(): boolean {
    return WIRES.every((wire) => (awakeMs.get(wire) ?? AWAKE_MS) < AWAKE_MS);
  }

  it.each(WIRES)('%s: has what it missed within 3 s of its resume', (wire) => {
    expect(awakeMs.get(wire)).toBeLessThan(AWAKE_MS);
  });

  it.each(WIRES)('%s: has everything, once and in order', async (wire) => {
    expect(burst.acked).toBeGreaterThan(100);
    expect(await pages.get(wire)?.losses()).toEqual([]);
    await pages.get(wire)?.isClean(burst.published);
  });
});

describe.concurrent('D18: a server that is stopped for 40 s and goes on', () => {
  let stage: Stage;
  let run: FaultRun;

  beforeAll(async () => {
    stage = await startStage({ heartbeatMs: 2000 });
    run = await underLoad(stage);
    stage.server.pause();
    await stopped(PAUSE_MS);
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

/** Every process of the browser: its pages live in others than its windows. */
async function processesOf(stage: Stage): Promise<readonly number[]> {
  const session = await stage.browser.newBrowserCDPSession();
  const { processInfo } = await session.send('SystemInfo.getProcessInfo');
  await session.detach();
  return processInfo.map(({ id }) => id);
}
