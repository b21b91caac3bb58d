// @vitest-environment jsdom
/** Counts: on the page, before the title of the tab, and on its icon. */
import { act, type ReactElement } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CountBadge, setLanguage, useTitleCount } from '../src/index.ts';
import { find, mount, unmountAll, until } from './mount.ts';

beforeEach(() => {
  setLanguage('en');
  document.head.innerHTML = '<title>Inbox</title>';
});

afterEach(async () => {
  await unmountAll();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

describe('CountBadge', () => {
  const eye = (badge: HTMLElement): string | null => find(badge, '[aria-hidden=true]').textContent;
  const ear = (badge: HTMLElement): string | null => find(badge, '.visually-hidden').textContent;

  it.each([
    [1, '1', '1 new', ''],
    [99, '99', '99 new', ''],
    [100, '99+', '100 new', '100'],
    [9999, '99+', '9,999 new', '9,999'],
    [3.9, '3', '3 new', ''],
  ])('of %d shows %s, and says %s', async (count, seen, heard, title) => {
    const { container } = await mount(<CountBadge count={count} />);
    const badge = find(container, '.count');

    expect(eye(badge)).toBe(seen);
    expect(ear(badge)).toBe(heard);
    expect(badge.title).toBe(title);
  });

  it.each([0, -3, Number.NaN])('of %d is silent and keeps its place', async (count) => {
    const { container } = await mount(<CountBadge count={count} />);
    const badge = find(container, '.count');

    expect(badge.dataset['empty']).toBe('');
    expect(badge.querySelector('.visually-hidden')).toBeNull();
  });

  it('counts further where there is room, in the language of the page, by the name of what is counted', async () => {
    setLanguage('vi');

    const { container } = await mount(<CountBadge count={9999} max={9999} label="thông báo chưa đọc" />);

    expect(eye(find(container, '.count'))).toBe('9.999');
    expect(ear(find(container, '.count'))).toBe('9.999 thông báo chưa đọc');
  });
});

describe('useTitleCount', () => {
  function Counted({ count }: { readonly count: number }): ReactElement {
    useTitleCount(count);
    return <p />;
  }

  it('stands before the title, follows the count, and goes with it', async () => {
    const { render } = await mount(<Counted count={3} />);
    expect(document.title).toBe('(3) Inbox');

    await render(<Counted count={120} />);
    expect(document.title).toBe('(99+) Inbox');
    await render(<Counted count={0} />);
    expect(document.title).toBe('Inbox');
  });

  it('stays before a title that the page changes by itself', async () => {
    const { render } = await mount(<Counted count={3} />);

    document.title = 'Inbox: Nguyễn Thu Hà';
    await until(() => document.title === '(3) Inbox: Nguyễn Thu Hà', 'the count before the new title');
    document.title = 'Settings';
    await render(<Counted count={4} />);
    expect(document.title).toBe('(4) Settings');
    await render(<Counted count={0} />);

    expect(document.title).toBe('Settings');
  });

  it('adds up what several components count, and leaves no trace of one that is gone', async () => {
    const one = await mount(<Counted count={3} />);
    const other = await mount(<Counted count={4} />);
    expect(document.title).toBe('(7) Inbox');

    await one.unmount();
    expect(document.title).toBe('(4) Inbox');
    await other.unmount();
    expect(document.title).toBe('Inbox');
  });

  it('draws the count on the icon, and puts the icon back', async () => {
    document.head.innerHTML = '<title>Inbox</title><link rel="icon" type="image/svg+xml" href="/icon.svg">';
    const drawn: string[] = [];
    vi.stubGlobal('Image', FakeImage);
    const withoutCanvas = HTMLCanvasElement.prototype.getContext;
    Reflect.set(HTMLCanvasElement.prototype, 'getContext', () => fakeContext(drawn));
    const icon = (): readonly (string | null)[] =>
      ['type', 'href'].map((name) => find(document, 'link').getAttribute(name));

    const { render } = await mount(<Counted count={5} />);
    await until(() => drawn.length === 1, 'the drawn icon');
    expect(icon()).toEqual(['image/png', 'data:image/png;5']);
    await render(<Counted count={120} />);
    await until(() => drawn.length === 2, 'the next one');
    expect(icon()).toEqual(['image/png', 'data:image/png;99+']);
    await render(<Counted count={0} />);
    await act(async () => undefined);

    expect(icon()).toEqual(['image/svg+xml', `${location.origin}/icon.svg`]);
    Reflect.set(HTMLCanvasElement.prototype, 'getContext', withoutCanvas);
  });

  it('keeps the icon of a page where nothing can be drawn', async () => {
    document.head.innerHTML = '<title>Inbox</title><link rel="icon" href="/icon.svg">';
    vi.spyOn(HTMLCanvasElement.prototype, 'getContext').mockReturnValue(null);

    await mount(<Counted count={5} />);
    await act(async () => undefined);

    expect(document.title).toBe('(5) Inbox');
    expect(find(document, 'link').getAttribute('href')).toBe('/icon.svg');
  });
});

class FakeImage {
  src = '';
  decode(): Promise<void> {
    return Promise.resolve();
  }
}

/** Remembers the last text that was written on it. */
function fakeContext(drawn: string[]): object {
  const nothing = (): void => undefined;
  return {
    canvas: { width: 0, height: 0, toDataURL: () => `data:image/png;${drawn.at(-1)}` },
    drawImage: nothing,
    measureText: () => ({ width: 20 }),
    beginPath: nothing,
    roundRect: nothing,
    fill: nothing,
    fillText: (text: string) => drawn.push(text),
  };
}
