/** A page that loops over a channel again and again through one handle must not grow. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { added, harness, subscribed } from './client-harness.ts';
import { settle } from './fake-platform.ts';

/** The collector, at the test's word; Node hides it behind a flag. */
function collector(): () => void {
  setFlagsFromString('--expose-gc');
  const gc: unknown = runInNewContext('gc');
  if (typeof gc !== 'function') throw new Error('This Node has no collector to call.');
  return () => void gc();
}

describe('a handle', () => {
  it('does not hold on to loops that were left', async () => {
    const collect = collector();
    const { client, accept } = harness();
    const handle = client.channel('log:a');
    handle.on('added', () => undefined);
    await accept(subscribed('log:a', 'e.0'), added('log:a', 1));

    const left = await Promise.all(
      Array.from({ length: 10 }, async () => {
        const loop = handle[Symbol.asyncIterator]();
        await loop.return?.();
        return new WeakRef(loop);
      }),
    );
    await settle();

    await expect
      .poll(() => {
        collect();
        return left.filter((loop) => loop.deref() !== undefined).length;
      })
      .toBe(0);
    expect(handle.subscription.status).toBe('subscribed');
  });
});
