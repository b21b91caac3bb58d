// @vitest-environment jsdom
/** A flash says that a value changed, and only that. */
import { afterEach, describe, expect, it } from 'vitest';
import { Flash } from '../src/index.ts';
import { find, mount, unmountAll } from './mount.ts';

afterEach(unmountAll);

describe('Flash', () => {
  it('does not flash when it appears', async () => {
    const { container } = await mount(<Flash value={3} />);

    expect(find(container, '.flash').dataset['flash']).toBeUndefined();
    expect(container.textContent).toBe('3');
  });

  it('does not flash when it is rendered again with the same value', async () => {
    const { container, render } = await mount(<Flash value={3} />);

    await render(<Flash value={3} className="score" />);

    expect(find(container, '.flash').dataset['flash']).toBeUndefined();
  });

  it('flashes when the value changes, and anew at every further change', async () => {
    const { container, render } = await mount(<Flash value={3} />);

    await render(<Flash value={4} />);
    const first = find(container, '.flash').dataset['flash'];
    await render(<Flash value={5} />);
    const second = find(container, '.flash').dataset['flash'];
    await render(<Flash value={6} />);

    expect(first).toBe('odd');
    expect(second).toBe('even');
    expect(find(container, '.flash').dataset['flash']).toBe('odd');
    expect(container.textContent).toBe('6');
  });

  it('shows its children, while it watches the value', async () => {
    const { container, render } = await mount(<Flash value={1}>one</Flash>);

    await render(<Flash value={2}>two</Flash>);

    expect(container.textContent).toBe('two');
    expect(find(container, '.flash').dataset['flash']).toBe('odd');
  });
});
