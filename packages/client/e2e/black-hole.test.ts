import { type FaultProxy, startFaultProxy } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FaultRun, type Stage, startStage, underLoad } from './stage.ts';
import { WIRES } from './wires.ts';

/** A client waits for 2.5 of them: longer than the hiccup and one of them together. */
const HEARTBEAT_MS = 3000;
const HICCUP_MS = 3000;
/** Of D5: longer than a client waits for a sign of life, and longer than the history of the short channels lasts. */
const OUTAGE_MS = 30_000;

describe('D5: a network that swallows everything and closes nothing', () => {
  let stage: Stage;
  const networks: FaultProxy[] = [];

  beforeAll(async () => {
    stage = await startStage({ heartbeatMs: HEARTBEAT_MS });
  });
  afterAll(async () => {
    for (const network of networks) await network.close();
    await stage?.[Symbol.asyncDispose]();
  });

  async function network(): Promise<FaultProxy> {
    const proxy = await startFaultProxy({ targetPort: stage.server.port });
    networks.push(proxy);
    return proxy;
  }

  describe('for 3 s', () => {
    let run: FaultRun;
    let opened: readonly number[];

    beforeAll(async () => {
      const proxy = await network();
      run = await underLoad(stage, { origin: proxy.url });
      const before = proxy.accepted;
      proxy.inflict({ kind: 'black-hole', direction: 'both' });
      await outage(HICCUP_MS);
      proxy.heal();
      await run.settle();
      opened = [before, proxy.accepted];
    }, 180_000);

    it.each(WIRES)('%s: loses nothing', async (wire) => {
      await run.page(wire).isClean(run.burst.published);
      expect(await run.page(wire).losses()).toEqual([]);
    });

    it.each(WIRES.filter((wire) => wire !== 'poll'))('%s: does not reconnect', async (wire) => {
      expect(await run.page(wire).statuses()).not.toContain('reconnecting');
      expect(opened[1]).toBeLessThanOrEqual((opened[0] ?? 0) + (WIRES.includes('poll') ? 2 : 0));
    });
  });

  describe('for 30 s', () => {
    const runs = new Map<string, FaultRun>();

    beforeAll(async () => {
      const struck: FaultProxy[] = [];
      for (const [name, direction, pattern] of OUTAGES) {
        const proxy = await network();
        const channel = stage.freshChannel(pattern);
        runs.set(name, await underLoad(stage, { origin: proxy.url, channel }));
        struck.push(proxy);
        proxy.inflict({ kind: 'black-hole', direction });
      }
      await outage(OUTAGE_MS);
      for (const proxy of struck) proxy.heal();
      for (const run of runs.values()) await run.settle();
    }, 240_000);

    const of = (name: string): FaultRun => {
      const run = runs.get(name);
      if (run === undefined) throw new Error(`${name} did not run`);
      return run;
    };

    it.each(OUTAGES.flatMap(([name]) => WIRES.map((wire) => [name, wire] as const)))(
      '%s, %s: is clean',
      async (name, wire) => {
        await of(name).page(wire).isClean(of(name).burst.published);
      },
    );

    it.each(WIRES)('%s: notices the silence or outlasts it, and recovers all of what is kept', async (wire) => {
      const page = of('both ways').page(wire);

      // A long poll may wait for 25 s and be 10 s late: it may outlast the outage, and is answered then.
      if (wire !== 'poll') expect(await page.statuses()).toContain('reconnecting');
      expect(await page.losses()).toEqual([]);
      expect(await of('to the client').page(wire).losses()).toEqual([]);
    });

    it.each(WIRES)('%s: is told of the loss where the outage was longer than the history', async (wire) => {
      expect(await of('both ways, short history').page(wire).losses()).toEqual(['trimmed']);
    });
  });
});

const OUTAGES = [
  ['both ways', 'both', 'run'],
  ['both ways, short history', 'both', 'short'],
  ['to the client', 'to-client', 'run'],
  ['to the server', 'to-server', 'run'],
] as const;

/** The fault is the time that it lasts: nothing to wait for but the clock. */
function outage(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
