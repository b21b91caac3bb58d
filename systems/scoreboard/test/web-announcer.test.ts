// @vitest-environment jsdom
/** When the score is read aloud: after it stood still, and at a steady pace every few seconds all the same. */
import { act, createElement } from 'react';
import { createRoot, type Root } from 'react-dom/client';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Announcer } from '../web/parts/announcer.tsx';

Reflect.set(globalThis, 'IS_REACT_ACT_ENVIRONMENT', true);

let root: Root;
beforeEach(() => {
  vi.useFakeTimers();
  root = createRoot(document.body.appendChild(document.createElement('div')));
});
afterEach(async () => {
  await act(async () => root.unmount());
  document.body.replaceChildren();
  vi.useRealTimers();
});

const score = (sentence: string): Promise<void> => act(async () => root.render(createElement(Announcer, { sentence })));
const pass = (ms: number): Promise<void> => act(async () => void (await vi.advanceTimersByTimeAsync(ms)));
const said = (): string | null | undefined => document.querySelector('[aria-live]')?.textContent;

describe('the announcer', () => {
  it('says a score once it has stood still, and only the last of a quick few', async () => {
    await score('1-0');
    await pass(500);
    await score('2-0');
    await pass(800);
    expect(said()).toBe('');

    await pass(200);

    expect(said()).toBe('2-0');
  });

  it('does not stay silent for more than 2.5 s at a pace that never stands still', async () => {
    const heard = new Set<string | null | undefined>();
    for (let points = 1; points <= 14; points += 1) {
      await score(`${points}-0`);
      await pass(700);
      heard.add(said());
    }

    // 9.8 s: at least three times, and never an old score.
    expect(heard.size - 1).toBeGreaterThanOrEqual(3);
    await pass(900);
    expect(said()).toBe('14-0');
  });
});
