import { Duplex } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { Departures } from '../../src/transports/ws/departures.ts';

afterEach(() => {
  vi.useRealTimers();
});

it('sockets that did not end by themselves in time are cut 200 a turn of the loop', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  const departures = new Departures();
  let cut = 0;
  for (let n = 0; n < 500; n += 1) {
    departures.add(
      new Duplex({
        destroy: (_, done) => {
          cut += 1;
          done(null);
        },
      }),
    );
  }

  vi.advanceTimersByTime(4999);
  const early = cut;
  vi.advanceTimersByTime(1000);
  const atOnce = cut;
  for (let turns = 0; turns < 10 && cut < 500; turns += 1) await nextTurn();

  expect(early).toBe(0);
  expect(atOnce).toBe(200);
  expect(cut).toBe(500);
});
