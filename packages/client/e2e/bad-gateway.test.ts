import { findNginx, NGINX_WEBSOCKET, type Nginx, startNginx } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DEADLINE } from './harness-page.ts';
import { type FaultRun, type Stage, startStage, underLoad } from './stage.ts';
import { WIRES } from './wires.ts';

describe.skipIf(findNginx() === undefined)('B4: nginx answers 502 while the server behind it restarts', () => {
  let stage: Stage;
  let nginx: Nginx;
  let run: FaultRun;

  beforeAll(async () => {
    stage = await startStage();
    nginx = await startNginx({ upstreamPort: stage.server.port, location: NGINX_WEBSOCKET });
    run = await underLoad(stage, { origin: nginx.url });
    await stage.server.stop('SIGKILL');
    // Nobody is behind nginx, and every page has tried.
    for (const page of run.pages) {
      await vi.waitFor(async () => expect((await page.statuses()).at(-1)).toBe('reconnecting'), DEADLINE);
      const tried = (await page.reasons()).length;
      await vi.waitFor(async () => expect((await page.reasons()).length).toBeGreaterThan(tried + 1), DEADLINE);
    }
    expect((await fetch(`${nginx.url}/readyz`)).status).toBe(502);
    await stage.server.start();
    await run.settle();
  }, 180_000);
  afterAll(async () => {
    await nginx?.[Symbol.asyncDispose]();
    await stage?.[Symbol.asyncDispose]();
  });

  it.each(WIRES)('%s: comes back by itself, and misses nothing', async (wire) => {
    expect(await run.page(wire).losses()).toEqual([]);
    await run.page(wire).isClean(run.burst.published);
  });

  // A page cannot read the status of an upgrade that failed.
  it.each(WIRES.filter((wire) => wire !== 'ws'))('%s: says what it met', async (wire) => {
    expect(await run.page(wire).reasons()).toContain('HTTP_502');
  });
});
