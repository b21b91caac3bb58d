// @vitest-environment jsdom
/** The language of a page: chosen, remembered, told to the document, shared between tabs. */
import { act, type ReactElement } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createDictionary, LanguageSwitch, setLanguage, ThemeSwitch, useWords } from '../src/index.ts';
import { find, mount, unmountAll } from './mount.ts';

const dictionary = createDictionary({
  en: {
    hello: 'Hello',
    points: (count: number) => (count === 1 ? '1 point' : `${count} points`),
    deep: { yes: 'Yes' },
  },
  vi: { hello: 'Xin chào', points: (count) => `${count} điểm`, deep: { yes: 'Có' } },
});

function Greeting(): ReactElement {
  const words = useWords(dictionary);
  return <p>{`${words.hello}, ${words.points(2)}, ${words.deep.yes}`}</p>;
}

beforeEach(() => {
  localStorage.clear();
  setLanguage('en');
});

afterEach(async () => {
  await unmountAll();
  vi.restoreAllMocks();
  vi.resetModules();
});

describe('the language', () => {
  it('changes every word at once, the document, and what is remembered', async () => {
    const { container } = await mount(<Greeting />);
    expect(container.textContent).toBe('Hello, 2 points, Yes');

    await act(async () => setLanguage('vi'));

    expect(container.textContent).toBe('Xin chào, 2 điểm, Có');
    expect(document.documentElement.lang).toBe('vi');
    expect(localStorage.getItem('fanfare.language')).toBe('vi');
  });

  it('is what was remembered, on the next page', async () => {
    localStorage.setItem('fanfare.language', 'vi');
    vi.resetModules();

    const { currentLanguage } = await import('../src/language.ts');

    expect(currentLanguage()).toBe('vi');
  });

  it.each([
    [['vi-VN', 'en'], 'vi'],
    [['fr', 'vi'], 'vi'],
    [['en-US', 'vi'], 'en'],
    [['fr', 'de'], 'en'],
  ] as const)('of a browser that prefers %j is %s, as long as nobody chose', async (preferred, language) => {
    vi.spyOn(navigator, 'languages', 'get').mockReturnValue(preferred);
    localStorage.clear();
    vi.resetModules();

    const { currentLanguage } = await import('../src/language.ts');

    expect(currentLanguage()).toBe(language);
  });

  it('follows the choice that another tab made', async () => {
    const { container } = await mount(<Greeting />);

    await act(async () => {
      window.dispatchEvent(new StorageEvent('storage', { key: 'fanfare.language', newValue: 'vi' }));
    });

    expect(container.textContent).toMatch(/^Xin chào/);
  });

  it('holds for the page where storage is forbidden', async () => {
    vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('denied', 'SecurityError');
    });
    const { container } = await mount(<Greeting />);

    await act(async () => setLanguage('vi'));

    expect(container.textContent).toMatch(/^Xin chào/);
  });
});

describe('LanguageSwitch', () => {
  it('shows which language is on, and changes it', async () => {
    const { container } = await mount(
      <>
        <LanguageSwitch />
        <Greeting />
      </>,
    );
    expect(find(container, '[aria-label=English]').getAttribute('aria-pressed')).toBe('true');

    await act(async () => find(container, '[aria-label="Tiếng Việt"]').click());

    expect(find(container, '[aria-label="Tiếng Việt"]').getAttribute('aria-pressed')).toBe('true');
    expect(find(container, 'p').textContent).toMatch(/^Xin chào/);
  });
});

describe('ThemeSwitch', () => {
  it('goes round: as the system, light, dark, and remembers', async () => {
    const { container } = await mount(<ThemeSwitch />);
    const press = (): Promise<void> => act(async () => find(container, 'button').click());

    expect(find(container, 'button').title).toBe('Appearance: As the system');
    await press();
    expect(document.documentElement.dataset['theme']).toBe('light');
    await press();
    expect(document.documentElement.dataset['theme']).toBe('dark');
    expect(localStorage.getItem('fanfare.theme')).toBe('dark');
    await press();
    expect(document.documentElement.dataset['theme']).toBeUndefined();
  });
});
