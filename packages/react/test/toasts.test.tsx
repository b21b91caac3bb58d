// @vitest-environment jsdom
/** Toasts: said once, bounded, dismissed by any hand, and silent until the visitor wants to hear them. */
import { act, StrictMode } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { dismissToast, setLanguage, Toaster, toast } from '../src/index.ts';
import { fakeDevice } from './fake-sound.ts';
import { find, mount, unmountAll, until } from './mount.ts';

beforeEach(() => {
  localStorage.clear();
  setLanguage('en');
});

afterEach(async () => {
  await act(async () => dismissToast());
  await unmountAll();
  vi.unstubAllGlobals();
});

function shown(): readonly string[] {
  return [...document.querySelectorAll('.toast')]
    .filter((card) => card.closest('[data-removed=true]') === null)
    .map((card) => card.querySelector('.toast__title')?.textContent ?? '');
}

async function page(): Promise<HTMLElement> {
  const { container } = await mount(
    <StrictMode>
      <button type="button">elsewhere</button>
      <Toaster />
    </StrictMode>,
  );
  return container;
}

async function shows(...titles: readonly string[]): Promise<void> {
  await until(() => shown().join() === titles.join(), `the toasts ${titles.join()}, not ${shown().join()}`);
}

async function press(key: string): Promise<void> {
  await act(async () => {
    document.activeElement?.dispatchEvent(
      new KeyboardEvent('keydown', { key, code: key, bubbles: true, cancelable: true }),
    );
  });
}

describe('toast', () => {
  it('appears once, with its text, in a region that is read aloud politely', async () => {
    const container = await page();

    toast({ title: 'Saved', text: 'Court 3, game 2' });

    await shows('Saved');
    const region = find(container, 'section[aria-live]');
    expect(region.getAttribute('aria-live')).toBe('polite');
    expect(region.getAttribute('aria-label')).toBe('Notifications alt+T');
    expect(region.textContent).toContain('Court 3, game 2');
  });

  it('says in words what its colour says', async () => {
    setLanguage('vi');
    await page();

    toast({ title: 'Mất kết nối', tone: 'bad' });

    await shows('Lỗi: Mất kết nối');
    expect(find(document, '.toast').dataset['tone']).toBe('bad');
    expect(find(document, '.toast__close').getAttribute('aria-label')).toBe('Đóng');
  });

  it('goes by itself', async () => {
    await page();

    // What was added tells, however late a busy machine looks: by then it may be gone.
    let seen = false;
    const watch = new MutationObserver((changes) => {
      const added = changes.flatMap(({ addedNodes }) => [...addedNodes]);
      seen ||= added.some(({ textContent }) => textContent?.includes('brief'));
    });
    watch.observe(document.body, { childList: true, subtree: true });

    toast({ title: 'brief', lastsMs: 30 });

    await until(() => seen, 'the toast');
    await shows();
    watch.disconnect();
  });

  it('of an id that is shown already replaces it', async () => {
    await page();
    toast({ title: 'one of three', id: 'upload' });
    await shows('one of three');

    toast({ title: 'two of three', id: 'upload' });

    await shows('two of three');
  });

  it('makes room: of a thousand at once only the newest five are ever shown', async () => {
    await page();
    let most = 0;
    const watch = new MutationObserver(() => {
      most = Math.max(most, shown().length);
    });
    watch.observe(document.body, { childList: true, subtree: true });

    for (let n = 1; n <= 1000; n += 1) toast({ title: `n${n}` });

    await shows('n1000', 'n999', 'n998', 'n997', 'n996');
    expect(most).toBe(5);
    watch.disconnect();
  });

  it('makes room: the sixth that comes sends the first away', async () => {
    await page();

    for (let n = 1; n <= 6; n += 1) await act(async () => toast({ title: `n${n}` }));

    await shows('n6', 'n5', 'n4', 'n3', 'n2');
  });

  it('that is dismissed before it was shown never appears', async () => {
    await page();

    dismissToast(toast({ title: 'too late' }));
    toast({ title: 'in time' });

    await shows('in time');
  });

  it('does what its action says, and is done', async () => {
    await page();
    const run = vi.fn();
    toast({ title: 'Deleted', action: { label: 'Undo', run } });
    await shows('Deleted');

    await act(async () => find(document, '.toast .button').click());

    expect(run).toHaveBeenCalledOnce();
    await shows();
  });
});

describe('dismissing', () => {
  it('by its button', async () => {
    await page();
    toast({ title: 'stays', lastsMs: Number.POSITIVE_INFINITY });
    await shows('stays');

    await act(async () => find(document, '.toast__close').click());

    await shows();
  });

  it.each(['Escape', 'Delete'])('by %s passes the focus on, and at last back to where it was', async (key) => {
    const container = await page();
    const elsewhere = find(container, 'button');
    elsewhere.focus();
    toast({ title: 'one', lastsMs: Number.POSITIVE_INFINITY });
    await shows('one');
    toast({ title: 'two', lastsMs: Number.POSITIVE_INFINITY });
    await shows('two', 'one');

    find(document, '[data-sonner-toast]').focus();
    await press(key);
    await shows('one');
    expect(document.activeElement?.textContent).toContain('one');
    await press(key);
    await shows();

    expect(document.activeElement).toBe(elsewhere);
  });

  it('by a key needs the focus: elsewhere Escape has other work', async () => {
    const container = await page();
    toast({ title: 'stays', lastsMs: Number.POSITIVE_INFINITY });
    await shows('stays');

    find(container, 'button').focus();
    await press('Escape');
    toast({ title: 'later' });

    await shows('later', 'stays');
  });
});

describe('sound and vibration', () => {
  /** The library as a page has it that has just been opened: nothing has sounded yet. */
  async function newPage(): Promise<{
    readonly library: typeof import('../src/index.ts');
    readonly container: HTMLElement;
  }> {
    vi.resetModules();
    const library = await import('../src/index.ts');
    const { container } = await mount(
      <>
        <library.AlertsSwitch />
        <library.Toaster />
      </>,
    );
    return { library, container };
  }

  it('are off until the visitor turns them on', async () => {
    const device = fakeDevice();
    const { library } = await newPage();

    library.toast({ title: 'quiet' });
    await shows('quiet');

    expect(device.contexts()).toBe(0);
    expect(device.vibrations).toEqual([]);
  });

  it('let themselves be heard when they are turned on, and are remembered', async () => {
    const device = fakeDevice();
    const { container } = await newPage();

    await act(async () => find(container, '[aria-label="Sound and vibration"]').click());

    await until(() => device.notes.length === 2, 'two notes');
    expect(device.vibrations).toEqual([30]);
    expect(find(container, '[aria-label="Sound and vibration"]').getAttribute('aria-pressed')).toBe('true');
    expect(localStorage.getItem('fanfare.alerts')).toBe('on');
  });

  it('come once for many toasts at once, and again a second later, over one output', async () => {
    localStorage.setItem('fanfare.alerts', 'on');
    const device = fakeDevice();
    const clock = vi.spyOn(performance, 'now').mockReturnValue(5000);
    const { library } = await newPage();

    for (let n = 1; n <= 5; n += 1) library.toast({ title: `n${n}` });
    await until(() => device.notes.length === 2, 'two notes');
    clock.mockReturnValue(6100);
    library.toast({ title: 'later' });
    await until(() => device.notes.length === 4, 'two more notes');

    expect(device.vibrations).toEqual([30, 30]);
    expect(device.contexts()).toBe(1);
    clock.mockRestore();
  });

  it('do not come with a toast that is silent, and come with the next that is not', async () => {
    localStorage.setItem('fanfare.alerts', 'on');
    const device = fakeDevice();
    const { library } = await newPage();

    library.toast({ title: 'at night', silent: true });
    await shows('at night');
    expect(device.contexts()).toBe(0);
    expect(device.vibrations).toEqual([]);
    library.toast({ title: 'by day' });

    await until(() => device.notes.length === 2, 'two notes');
    expect(device.vibrations).toEqual([30]);
  });

  it('are not even tried before the visitor has touched the page', async () => {
    localStorage.setItem('fanfare.alerts', 'on');
    const device = fakeDevice({ touched: false });
    const { library } = await newPage();

    library.toast({ title: 'early' });
    await shows('early');

    expect(device.contexts()).toBe(0);
    expect(device.vibrations).toEqual([]);
  });

  it('do not shake whoever asked for less motion', async () => {
    localStorage.setItem('fanfare.alerts', 'on');
    const device = fakeDevice({ reducedMotion: true });
    const { library } = await newPage();

    library.toast({ title: 'still' });
    await until(() => device.notes.length === 2, 'two notes');

    expect(device.vibrations).toEqual([]);
  });
});
