/** Small choices for a page's header: the language, light or dark, and whether toasts may be heard. */
import type { ReactElement, ReactNode } from 'react';
import { alertSoftly, setAlerts, useAlerts } from './alerts.ts';
import { createDictionary, useWords } from './dictionary.ts';
import { LANGUAGES, type Language, setLanguage, useLanguage } from './language.ts';
import { setTheme, THEMES, type Theme, useTheme } from './theme.ts';

const dictionary = createDictionary({
  en: {
    language: 'Language',
    theme: 'Appearance',
    auto: 'As the system',
    light: 'Light',
    dark: 'Dark',
    alerts: 'Sound and vibration',
  },
  vi: {
    language: 'Ngôn ngữ',
    theme: 'Giao diện',
    auto: 'Theo hệ thống',
    light: 'Sáng',
    dark: 'Tối',
    alerts: 'Âm thanh và rung',
  },
});

/** Each language by its own name, whatever the page speaks now. */
const NAMES: Readonly<Record<Language, string>> = { en: 'English', vi: 'Tiếng Việt' };

/** A button per language; the choice is remembered, and is every tab's. */
export function LanguageSwitch(): ReactElement {
  const words = useWords(dictionary);
  const current = useLanguage();
  return (
    <Choice label={words.language}>
      {LANGUAGES.map((language) => (
        <Option key={language} label={NAMES[language]} on={language === current} choose={() => setLanguage(language)}>
          {language}
        </Option>
      ))}
    </Choice>
  );
}

/** One button that goes round: as the system, light, dark. Its icon is what is on. */
export function ThemeSwitch(): ReactElement {
  const words = useWords(dictionary);
  const current = useTheme();
  const next = THEMES[(THEMES.indexOf(current) + 1) % THEMES.length] ?? 'auto';
  const label = `${words.theme}: ${words[current]}`;
  return (
    <button
      type="button"
      className="choice choice__option"
      aria-label={label}
      title={label}
      onClick={() => setTheme(next)}
    >
      <ChoiceIcon path={ICONS[current]} />
    </button>
  );
}

/** Whether toasts make a soft sound and a short vibration. Turned on, it lets both be heard at once. */
export function AlertsSwitch(): ReactElement {
  const words = useWords(dictionary);
  const on = useAlerts() === 'on';
  return (
    <button
      type="button"
      className="choice choice__option"
      aria-label={words.alerts}
      aria-pressed={on}
      title={words.alerts}
      onClick={() => {
        setAlerts(on ? 'off' : 'on');
        alertSoftly();
      }}
    >
      <ChoiceIcon path={on ? `${BELL}M12.5 2.5a5 5 0 0 1 1.5 3M3.5 2.500a5 5 0 0 0-1.5 3` : `${BELL}M2 2l12 12`} />
    </button>
  );
}

const BELL = 'M4.5 10.500V7.500a3.5 3.5 0 0 1 7 0v3l1 1.500h-9zM7 14h2';

function ChoiceIcon({ path }: { readonly path: string }): ReactElement {
  return (
    <svg width="18" height="18" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" d={path} />
    </svg>
  );
}

const ICONS: Readonly<Record<Theme, string>> = {
  auto: 'M2 3h12v8H2zM6 14h4',
  light: 'M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6M8 1v1M8 14v1M1 8h1M14 8h1M3 3l.7.7M12.3 12.3l.7.7M13 3l-.7.7M3.7 12.3l-.7.7',
  dark: 'M13.5 9.5A6 6 0 1 1 6.5 2.5a5 5 0 0 0 7 7',
};

function Choice({ label, children }: { readonly label: string; readonly children: ReactNode }): ReactElement {
  return (
    <fieldset className="choice">
      <legend className="visually-hidden">{label}</legend>
      {children}
    </fieldset>
  );
}

interface OptionProps {
  readonly label: string;
  readonly on: boolean;
  readonly choose: () => void;
  readonly children: ReactNode;
}

function Option({ label, on, choose, children }: OptionProps): ReactElement {
  return (
    <button
      type="button"
      className="choice__option"
      aria-label={label}
      aria-pressed={on}
      title={label}
      onClick={choose}
    >
      {children}
    </button>
  );
}
