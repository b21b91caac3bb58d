/** The umpire's taps under every weather: each is counted once, in the order of the thumb, and the page ends on the server's truth. */
import type { ActionName } from '@fanfare-systems/scoreboard/rules';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outlook } from '../web/umpire/tap-queue.ts';
import { ready, Server } from './tap-world.ts';

const points = fc.constantFrom<ActionName>(
  ...(['pointA', 'pointB', 'pointA', 'pointB', 'swap', 'undo', 'nextGame', 'pause', 'reset'] as const),
);
const weather = fc.constantFrom<'fine' | 'lost-request' | 'lost-answer'>('fine', 'lost-request', 'lost-answer');
const step = fc.oneof(
  points.map((action) => ({ kind: 'tap' as const, action })),
  weather.map((sky) => ({ kind: 'send' as const, sky })),
  fc.constant({ kind: 'hear' as const }),
  fc.constant({ kind: 'reload' as const }),
);

describe('the tap queue in any weather', () => {
  it('counts every key at most once and in the order of the thumb, and ends on the truth', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const server = new Server();
        const page = ready(server);
        for (const one of steps) {
          if (one.kind === 'tap') page.tap(one.action);
          else if (one.kind === 'send') page.send(server, one.sky);
          else if (one.kind === 'hear') page.take({ kind: 'heard', snapshot: server.snapshot });
          else page.reload();
        }
        page.drain(server);

        expect(new Set(server.counted).size).toBe(server.counted.length);
        expect(server.counted).toEqual(page.tapped.filter((key) => server.counted.includes(key)));
        expect(page.queue.taps).toEqual([]);
        expect(page.queue.truth?.now).toEqual(server.snapshot);
      }),
      { numRuns: 300 },
    );
  });

  it('loses no point, whatever is lost on the way', () => {
    const rally = fc.constantFrom<ActionName>('pointA', 'pointB');
    fc.assert(
      fc.property(fc.array(fc.tuple(rally, fc.array(weather, { maxLength: 4 })), { maxLength: 20 }), (rallies) => {
        const server = new Server();
        const page = ready(server);
        for (const [action, skies] of rallies) {
          page.tap(action);
          for (const sky of skies) page.send(server, sky);
        }
        page.drain(server);

        expect(server.counted).toEqual(page.tapped);
        expect(page.queue.notice).toBeUndefined();
      }),
    );
  });

  it('shows at every moment what the server will say once it has everything', () => {
    const legal = fc.constantFrom<ActionName>('pointA', 'pointB', 'swap', 'undo');
    fc.assert(
      fc.property(fc.array(fc.tuple(legal, weather), { maxLength: 18 }), (taps) => {
        const server = new Server();
        const page = ready(server);
        for (const [action, sky] of taps) {
          if (action === 'undo' && outlook(page.queue).snapshot?.undoLabel === undefined) continue;
          page.tap(action);
          page.send(server, sky);
        }
        const foreseen = outlook(page.queue);
        page.drain(server);

        expect(foreseen.sure).toBe(true);
        expect(foreseen.snapshot?.score).toEqual(server.snapshot.score);
        expect(foreseen.snapshot?.server).toBe(server.snapshot.server);
        expect(foreseen.snapshot?.endsSwapped).toBe(server.snapshot.endsSwapped);
      }),
    );
  });
});

describe('what a tap shows before any answer', () => {
  it('is the score with the tap upon it', () => {
    const page = ready(new Server());

    page.tap('pointB');
    page.tap('pointB');
    page.tap('pointA');

    expect(outlook(page.queue).snapshot?.score).toEqual([1, 2]);
  });

  it('does not count a tap twice when the live state with it arrives before its answer', () => {
    const server = new Server();
    const page = ready(server);
    const tap = page.tap('pointA');
    page.take({ kind: 'sent' });

    const answer = server.count(tap);
    page.take({ kind: 'heard', snapshot: server.snapshot });
    expect(outlook(page.queue).snapshot?.score).toEqual([1, 0]);
    page.take(answer);

    expect(outlook(page.queue).snapshot?.score).toEqual([1, 0]);
  });

  it('does not count a tap twice that an earlier page had sent already', () => {
    const server = new Server();
    const page = ready(server);
    page.tap('pointA');
    page.send(server, 'lost-answer');

    page.reload();
    page.take({ kind: 'heard', snapshot: server.snapshot });
    expect(outlook(page.queue)).toMatchObject({ sure: false, snapshot: { score: [1, 0] } });
    page.drain(server);

    expect(outlook(page.queue)).toMatchObject({ sure: true, snapshot: { score: [1, 0] } });
  });

  it('says that it is not sure where only the server knows what an undo leads to', () => {
    const server = new Server();
    server.count({ key: 'other', action: 'pointA', matchId: 'm1', seen: 0, at: 0 });
    const page = ready(server);

    page.tap('undo');

    expect(outlook(page.queue).sure).toBe(false);
    page.drain(server);
    expect(outlook(page.queue)).toMatchObject({ sure: true, snapshot: { score: [0, 0] } });
  });
});

describe('a new match', () => {
  it('begins at once with the same sides, and points go on upon it', () => {
    const server = new Server();
    for (let rally = 0; rally < 42; rally += 1) {
      if (rally === 21) server.count({ key: 'n', action: 'nextGame', matchId: 'm1', seen: 21, at: 0 });
      server.count({ key: `r${rally}`, action: 'pointB', matchId: 'm1', seen: 0, at: 0 });
    }
    const page = ready(server);
    expect(server.snapshot.matchStatus).toBe('finished');

    page.tap('reset');
    page.tap('pointA');

    const foreseen = outlook(page.queue);
    expect(foreseen.sure).toBe(true);
    expect(foreseen.snapshot).toMatchObject({ score: [1, 0], games: [0, 0], gameNumber: 1, gameScores: [] });
    page.drain(server);
    expect(page.queue.notice).toBeUndefined();
    const { score, names, bestOf, winner } = server.snapshot;
    expect({ score, names, bestOf, winner }).toEqual({
      score: [1, 0],
      names: ['A', 'B'],
      bestOf: 3,
      winner: undefined,
    });
  });

  it('is refused with what was tapped upon it where the match has gone on meanwhile', () => {
    const server = new Server();
    const page = ready(server);
    page.tap('reset');
    page.tap('pointA');
    server.count({ key: 'other', action: 'pointB', matchId: 'm1', seen: 0, at: 0 });

    page.drain(server);

    expect(page.queue.notice).toMatchObject({ kind: 'refused', code: 'VERSION_CONFLICT' });
    expect(outlook(page.queue).snapshot?.score).toEqual([0, 1]);
  });
});

describe('undo', () => {
  it('withdraws a tap that has not left', () => {
    const server = new Server();
    const page = ready(server);
    page.tap('pointA');
    page.send(server, 'lost-request');
    page.tap('pointB');

    page.tap('undo');

    expect(page.queue.taps.map((tap) => tap.action)).toEqual(['pointA']);
  });

  it('is sent where the tap may have been counted already', () => {
    const server = new Server();
    const page = ready(server);
    page.tap('pointA');
    page.send(server, 'lost-answer');

    page.tap('undo');
    page.drain(server);

    expect(server.snapshot.score).toEqual([0, 0]);
    expect(server.counted).toHaveLength(2);
  });
});
