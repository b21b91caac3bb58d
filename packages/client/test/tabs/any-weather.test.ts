/** Whatever happens to tabs, leaders and the connection: every tab gets every event once and in order, or is told of the loss. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chooser, harmful, harmless, live } from './browser-in-weather.ts';

const RUNS = Number(process.env['RUNS'] ?? 100);

describe.each([
  ['where a tab leads', false],
  ['where a worker holds the connection', true],
])('in any weather, %s,', (_, hasWorker) => {
  it('every tab gets every event once and in order', async () => {
    const weather = fc.array(fc.oneof(...harmless), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(weather, chooser, async (events, choose) => {
        const { listeners, loops } = await live(events, choose, hasWorker);
        for (const { got } of listeners) expect(got).not.toContain(null);
        for (const got of loops) expect(got).toEqual(got.map((_number, index) => (got[0] ?? 0) + index));
      }),
      { numRuns: RUNS },
    );
  }, 60_000);

  it('or is told that events are missing, where the server does not have them any more', async () => {
    const weather = fc.array(fc.oneof(...harmless, ...harmful), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(weather, chooser, async (events, choose) => {
        await live(events, choose, hasWorker);
      }),
      { numRuns: RUNS },
    );
  }, 60_000);
});
