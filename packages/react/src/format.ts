/** Numbers, durations and times as people of a language write them. Formatters are made once each. */
import type { Language } from './language.ts';

const LOCALES: Readonly<Record<Language, string>> = { en: 'en-GB', vi: 'vi-VN' };

const numbers = perLanguage((locale) => new Intl.NumberFormat(locale));
const relative = perLanguage((locale) => new Intl.RelativeTimeFormat(locale, { numeric: 'auto', style: 'short' }));
const exact = perLanguage((locale) => new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' }));

const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
];

/** `1,234` or `1.234`. */
export function formatNumber(value: number, language: Language): string {
  return numbers[language].format(value);
}

/** `5 min. ago`, `now`; `at` and `now` in milliseconds since the epoch. */
export function formatAgo(at: number, now: number, language: Language): string {
  const passed = at - now;
  const [unit, size] = UNITS.find(([, ms]) => Math.abs(passed) >= ms) ?? ['second', 1000];
  return relative[language].format(Math.round(passed / size), unit);
}

/** The whole date and time, for a tooltip. */
export function formatExact(at: number, language: Language): string {
  return exact[language].format(at);
}

function perLanguage<T>(make: (locale: string) => T): Readonly<Record<Language, T>> {
  return { en: make(LOCALES.en), vi: make(LOCALES.vi) };
}
