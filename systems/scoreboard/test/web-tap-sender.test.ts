/** The runner of the tap queue: one request at a time, again until answered, and nothing forgotten by a reload. */
import { createMatch, type Snapshot, snapshotOf } from '@fanfare-systems/scoreboard/rules';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Tap, TapAnswer } from '../web/umpire/tap-queue.ts';
import { TapSender } from '../web/umpire/tap-sender.ts';

const START: Snapshot = snapshotOf(createMatch({ names: ['A', 'B'], bestOf: 3, firstServer: 0 }, 0), { matchId: 'm1' });

class TabStorage {
  readonly entries = new Map<string, string>();
  readonly getItem = (key: string): string | null => this.entries.get(key) ?? null;
  readonly setItem = (key: string, value: string): void => void this.entries.set(key, value);
  readonly removeItem = (key: string): void => void this.entries.delete(key);
}

interface Request {
  readonly tap: Tap;
  readonly answer: (answer: TapAnswer) => Promise<void>;
}

function begin(storage = new TabStorage()) {
  const requests: Request[] = [];
  let made = 0;
  const sender = new TapSender({
    send: (tap) =>
      new Promise((resolve) => {
        requests.push({
          tap,
          answer: async (answer) => {
            resolve(answer);
            await vi.advanceTimersByTimeAsync(0);
          },
        });
      }),
    storage,
    storageKey: 'taps',
    makeKey: () => {
      made += 1;
      return `key${made}`;
    },
    now: () => 0,
    random: () => 1,
  });
  sender.dispatch({ kind: 'heard', snapshot: START });
  const counted = (index: number): Promise<void> => {
    const request = requests[index];
    if (request === undefined) throw new Error(`request ${index} was not made`);
    const snapshot = { ...START, version: index + 1 };
    return request.answer({ kind: 'counted', key: request.tap.key, snapshot });
  };
  return { sender, requests, storage, counted };
}

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('sending', () => {
  it('has one tap on its way at a time, in order', async () => {
    const { sender, requests, counted } = begin();

    sender.tap('pointA');
    sender.tap('pointB');
    sender.tap('pointA');
    expect(requests.map(({ tap }) => tap.key)).toEqual(['key1']);
    await counted(0);
    expect(requests.map(({ tap }) => tap.key)).toEqual(['key1', 'key2']);
    await counted(1);
    await counted(2);

    expect(requests.map(({ tap }) => tap.action)).toEqual(['pointA', 'pointB', 'pointA']);
    expect(sender.current().taps).toEqual([]);
  });

  it('tries again with the same key, later and later, and never faster than it should', async () => {
    const { sender, requests } = begin();
    const waits: number[] = [];
    sender.tap('pointA');

    for (let attempt = 0; attempt < 6; attempt += 1) {
      await requests[attempt]?.answer({ kind: 'unreachable', key: 'key1' });
      let waited = 0;
      while (requests.length === attempt + 1 && waited < 20_000) {
        await vi.advanceTimersByTimeAsync(50);
        waited += 50;
      }
      waits.push(waited);
    }

    expect(new Set(requests.map(({ tap }) => tap.key))).toEqual(new Set(['key1']));
    expect(waits).toEqual([450, 750, 1350, 2550, 4950, 5150]);
  });

  it('does not wait when it hears that the server may be back', async () => {
    const { sender, requests } = begin();
    sender.tap('pointA');
    await requests[0]?.answer({ kind: 'unreachable', key: 'key1' });
    expect(requests).toHaveLength(1);

    sender.nudge();

    expect(requests).toHaveLength(2);
  });

  it('ends with its page, and goes on where the page does', async () => {
    const { sender, requests } = begin();
    sender.tap('pointA');
    await requests[0]?.answer({ kind: 'unreachable', key: 'key1' });

    sender.close();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(requests).toHaveLength(1);
    sender.open();

    expect(requests).toHaveLength(2);
  });
});

describe('a reload', () => {
  it('sends what the last page left behind, with the same keys', async () => {
    const first = begin();
    first.sender.tap('pointA');
    first.sender.tap('pointB');
    first.sender.close();

    const second = begin(first.storage);
    second.sender.open();
    await second.counted(0);
    await second.counted(1);

    expect(second.requests.map(({ tap }) => [tap.key, tap.action])).toEqual([
      ['key1', 'pointA'],
      ['key2', 'pointB'],
    ]);
    expect(first.storage.entries.size).toBe(0);
  });

  it.each(['', '{', '7', '{"a":1}', '[1,null,{"key":5}]', '[{"key":"k","action":"pointA"}]'])(
    'takes nothing from a storage that holds %j',
    (text) => {
      const storage = new TabStorage();
      storage.setItem('taps', text);

      expect(begin(storage).sender.current().taps).toEqual([]);
    },
  );

  it('works without any storage', () => {
    const forbidden = new TabStorage();
    const { sender, requests } = begin(
      Object.assign(forbidden, {
        getItem: () => {
          throw new DOMException('denied', 'SecurityError');
        },
        setItem: () => {
          throw new DOMException('denied', 'SecurityError');
        },
      }),
    );

    sender.tap('pointA');

    expect(requests).toHaveLength(1);
  });
});

describe('listeners', () => {
  it('hear of every change, and see the same object until the next', () => {
    const { sender } = begin();
    const heard = vi.fn();
    const off = sender.subscribe(heard);
    const before = sender.current();
    expect(sender.current()).toBe(before);

    sender.tap('pointA');
    expect(heard).toHaveBeenCalled();
    expect(sender.current()).not.toBe(before);
    heard.mockClear();
    off();
    sender.tap('pointA');

    expect(heard).not.toHaveBeenCalled();
  });
});
