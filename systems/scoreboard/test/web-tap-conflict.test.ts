/** Taps that the server does not take: they meant another state of the match, or the device may not score. */
import { describe, expect, it } from 'vitest';
import { nextToSend, outlook } from '../web/umpire/tap-queue.ts';
import { ready, Server } from './tap-world.ts';

describe('a conflict', () => {
  it('drops the refused tap with all that were made upon it, shows the truth, and says so', () => {
    const server = new Server();
    const page = ready(server);
    page.tap('pointA');
    page.tap('pointA');
    for (const [index, action] of (['start', 'pause'] as const).entries()) {
      server.count({ key: `other${index}`, action, matchId: 'm1', seen: 0, at: 0 });
    }

    page.drain(server);

    expect(page.queue.notice).toMatchObject({ kind: 'refused', code: 'MATCH_NOT_LIVE' });
    expect(page.queue.notice).toMatchObject({ taps: [{ key: 'k1' }, { key: 'k2' }] });
    expect(outlook(page.queue).snapshot).toEqual(server.snapshot);
  });

  it('is told where another device scored between the tap and its count', () => {
    const server = new Server();
    const page = ready(server);
    page.tap('pointA');
    server.count({ key: 'other', action: 'pointB', matchId: 'm1', seen: 0, at: 0 });

    page.drain(server);

    expect(page.queue.notice).toEqual({ kind: 'both-counted' });
    expect(outlook(page.queue).snapshot?.score).toEqual([1, 1]);
  });

  it('does not speak of two points where another device did something else', () => {
    const server = new Server();
    server.count({ key: 'earlier', action: 'pointA', matchId: 'm1', seen: 0, at: 0 });
    const page = ready(server);
    page.tap('pointA');
    server.count({ key: 'other', action: 'undo', matchId: 'm1', seen: 1, at: 0 });

    page.drain(server);

    expect(page.queue.notice).toEqual({ kind: 'differs' });
    expect(outlook(page.queue).snapshot?.score).toEqual([1, 0]);
  });

  it('never counts a tap for another match than the one on the screen', () => {
    const page = ready(new Server('m1'));
    page.tap('pointA');
    const next = new Server('m2');

    page.take({ kind: 'heard', snapshot: next.snapshot });
    page.drain(next);

    expect(next.counted).toEqual([]);
    expect(page.queue.notice).toMatchObject({ kind: 'other-match', taps: [{ key: 'k1' }] });
  });

  it('drops a tap whose match ended while it was on its way, and ignores its late answer', () => {
    const old = new Server('m1');
    const page = ready(old);
    const tap = page.tap('pointA');
    page.take({ kind: 'sent' });
    const next = new Server('m2');

    page.take({ kind: 'heard', snapshot: { ...next.snapshot, timestamp: 5 } });
    page.tap('pointB');
    page.take(old.count(tap));

    expect(page.queue.truth?.now.matchId).toBe('m2');
    expect(page.queue.taps.map((one) => one.key)).toEqual(['k2']);
    expect(nextToSend(page.queue)?.key).toBe('k2');
  });

  it('is forgotten when it is dismissed, and when the umpire goes on', () => {
    const server = new Server();
    const page = ready(server);
    page.tap('pause');
    page.drain(server);
    expect(page.queue.notice?.kind).toBe('refused');

    page.take({ kind: 'dismissed' });
    expect(page.queue.notice).toBeUndefined();
    page.tap('pause');
    page.drain(server);
    page.tap('pointA');

    expect(page.queue.notice).toBeUndefined();
  });
});

describe('a device that may not score', () => {
  it('keeps its taps until it may', () => {
    const server = new Server();
    const page = ready(server);
    const tap = page.tap('pointA');
    page.take({ kind: 'sent' });

    page.take({ kind: 'locked', key: tap.key, code: 'DEVICE_NOT_VERIFIED' });
    page.tap('pointA');
    expect(nextToSend(page.queue)).toBeUndefined();
    page.take({ kind: 'unlocked' });
    page.drain(server);

    expect(server.snapshot.score).toEqual([2, 0]);
  });
});
