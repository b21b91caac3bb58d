// @vitest-environment jsdom
/** What the umpire's phone says about its taps, and for how long. */
import { setLanguage } from '@fanfare/react';
import { act, createElement } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PadStatus } from '../web/umpire/pad-status.tsx';
import { openQueue, type Tap, type TapNotice, type TapQueue } from '../web/umpire/tap-queue.ts';

Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);

const TAP: Tap = { key: 'k', action: 'pointA', matchId: 'm1', seen: 0, at: 0 };

let root: Root;
beforeEach(() => {
  vi.useFakeTimers();
  setLanguage('en');
  root = createRoot(document.body.appendChild(document.createElement('div')));
});
afterEach(async () => {
  await act(async () => root.unmount());
  document.body.replaceChildren();
  vi.useRealTimers();
});

async function show(change: Partial<TapQueue>, offline = false) {
  const dismiss = vi.fn();
  const queue: TapQueue = { ...openQueue(), ...change };
  await act(async () => root.render(createElement(PadStatus, { queue, offline, dismiss })));
  return { dismiss, text: document.body.textContent };
}

describe('the line below the halves', () => {
  it('says who is away while a tap is kept: the server, or the phone itself', async () => {
    const kept = { taps: [TAP], failures: 1 };

    expect((await show(kept)).text).toContain('The server is away. 1 tap is kept');
    expect((await show(kept, true)).text).toContain('This phone is offline. 1 tap is kept');
  });

  it('says that two points were counted, and lets the notice go by itself', async () => {
    const { dismiss, text } = await show({ notice: { kind: 'both-counted' } });
    expect(text).toContain('Two points were counted');

    await act(async () => void (await vi.advanceTimersByTimeAsync(12_000)));

    expect(dismiss).toHaveBeenCalledOnce();
  });

  it.each<TapNotice>([
    { kind: 'refused', code: 'GAME_OVER', taps: [TAP] },
    { kind: 'other-match', taps: [TAP] },
  ])('keeps a notice about lost taps until the umpire goes on: $kind', async (notice) => {
    const { dismiss } = await show({ notice });

    await act(async () => void (await vi.advanceTimersByTimeAsync(60_000)));

    expect(dismiss).not.toHaveBeenCalled();
  });
});
