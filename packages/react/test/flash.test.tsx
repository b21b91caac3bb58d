// @vitest-environment jsdom
/** A flash says that a value changed just now, and only that. */
import { act, type ReactElement } from 'react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Flash, useFlash } from '../src/index.ts';
import { stubReducedMotion } from './fake-sound.ts';
import { find, mount, unmountAll } from './mount.ts';

afterEach(async () => {
  await unmountAll();
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function mark(container: HTMLElement): string | undefined {
  return find(container, '.flash').dataset['flash'];
}

describe('Flash', () => {
  it('does not flash when it appears', async () => {
    const { container } = await mount(<Flash value={3} />);

    expect(mark(container)).toBeUndefined();
    expect(container.textContent).toBe('3');
  });

  it('does not flash when it is rendered again with the same value', async () => {
    const { container, render } = await mount(<Flash value={3} />);

    await render(<Flash value={3} className="score" />);

    expect(mark(container)).toBeUndefined();
  });

  it('flashes when the value changes, and anew at every further change', async () => {
    const { container, render } = await mount(<Flash value={3} />);

    await render(<Flash value={4} />);
    const first = mark(container);
    await render(<Flash value={5} />);
    const second = mark(container);
    await render(<Flash value={6} />);

    expect(first).toBe('odd');
    expect(second).toBe('even');
    expect(mark(container)).toBe('odd');
    expect(container.textContent).toBe('6');
  });

  it('is over after 1.2 s of the last change, so that an element that is moved later does not flash again', async () => {
    vi.useFakeTimers();
    const { container, render } = await mount(<Flash value={1} />);
    await render(<Flash value={2} />);

    await act(() => vi.advanceTimersByTimeAsync(1000));
    await render(<Flash value={3} />);
    await act(() => vi.advanceTimersByTimeAsync(1100));
    expect(mark(container)).toBe('even');
    await act(() => vi.advanceTimersByTimeAsync(200));

    expect(mark(container)).toBeUndefined();
    expect(vi.getTimerCount()).toBe(0);
  });

  it('shows its children, while it watches the value', async () => {
    const { container, render } = await mount(<Flash value={1}>one</Flash>);

    await render(<Flash value={2}>two</Flash>);

    expect(container.textContent).toBe('two');
    expect(mark(container)).toBe('odd');
  });

  it('marks nothing under reduced motion', async () => {
    stubReducedMotion(true);
    const { container, render } = await mount(<Flash value={1} />);

    await render(<Flash value={2} />);

    expect(mark(container)).toBeUndefined();
    expect(container.textContent).toBe('2');
  });
});

describe('useFlash', () => {
  function Cell({ points }: { readonly points: unknown }): ReactElement {
    return <p className="flash" data-flash={useFlash(points)} />;
  }

  it('marks an element of any kind, by Object.is', async () => {
    const { container, render } = await mount(<Cell points={Number.NaN} />);

    await render(<Cell points={Number.NaN} />);
    expect(mark(container)).toBeUndefined();
    await render(<Cell points={null} />);

    expect(mark(container)).toBe('odd');
  });

  it('does not take the arrival of the first value for a change', async () => {
    const { container, render } = await mount(<Cell points={undefined} />);

    await render(<Cell points={3} />);
    expect(mark(container)).toBeUndefined();
    await render(<Cell points={4} />);

    expect(mark(container)).toBe('odd');
  });
});
