/** The clients between two polls: who is waited for, for how long, and how many are remembered. */
import { FakeClock } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import { PollLobby } from '../../src/transports/poll/lobby.ts';

/** What a command that waits has come to. */
function waitFor(lobby: PollLobby, id: string, subject = ''): { readonly isOver: boolean } {
  const waiting = { isOver: false };
  void lobby.returned(id, subject).then(() => {
    waiting.isOver = true;
  });
  return waiting;
}

describe('a client between two polls', () => {
  it('is waited for until it is back', async () => {
    const clock = new FakeClock();
    const lobby = new PollLobby(clock);
    lobby.left('a', { subject: '7', mark: 0 });
    const waiting = [waitFor(lobby, 'a', '7'), waitFor(lobby, 'a', '7')];
    await clock.advance(1000);
    expect(waiting.map(({ isOver }) => isOver)).toEqual([false, false]);

    lobby.back('a');
    await clock.settle();

    expect(waiting.map(({ isOver }) => isOver)).toEqual([true, true]);
    expect(clock.timers).toBe(0);
  });

  it('that stays away is waited for two seconds since it left', async () => {
    const clock = new FakeClock();
    const lobby = new PollLobby(clock);
    lobby.left('a', { subject: '', mark: 0 });
    await clock.advance(1500);
    const waiting = waitFor(lobby, 'a');
    await clock.advance(400);
    expect(waiting.isOver).toBe(false);

    await clock.advance(200);

    expect(waiting.isOver).toBe(true);
  });

  it.each([
    ['unknown', 'b', ''],
    ["another subject's", 'a', '8'],
  ])('is waited for by nobody with an id that is %s', async (_, id, subject) => {
    const clock = new FakeClock();
    const lobby = new PollLobby(clock);
    lobby.left('a', { subject: '', mark: 0 });

    const waiting = waitFor(lobby, id, subject);
    await clock.settle();

    expect(waiting.isOver).toBe(true);
    expect(clock.timers).toBe(0);
  });

  it('is forgotten when ten thousand others have left since', async () => {
    const clock = new FakeClock();
    const lobby = new PollLobby(clock);
    lobby.left('first', { subject: '', mark: 0 });
    const waiting = waitFor(lobby, 'first');
    for (let n = 1; n < 10_000; n += 1) lobby.left(`${n}`, { subject: '', mark: 0 });
    await clock.settle();
    expect(waiting.isOver).toBe(false);

    lobby.left('one more', { subject: '', mark: 0 });
    await clock.settle();

    expect(waiting.isOver).toBe(true);
    expect(clock.timers).toBe(0);
  });
});
