/** A span of time in the one unit that fits it. */
import type { Language } from '@fanfare/react';

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** `none`: what there is to say where there is no span. */
export function formatSeconds(seconds: number | null, language: Language, none: string): string {
  if (seconds === null) return none;
  const [unit, size] = UNITS.find(([, length]) => seconds >= length) ?? ['second', 1];
  const locale = language === 'vi' ? 'vi-VN' : 'en-GB';
  return new Intl.NumberFormat(locale, {
    ...{ style: 'unit', unit, unitDisplay: 'short' },
    maximumFractionDigits: seconds / size < 10 ? 1 : 0,
  }).format(seconds / size);
}
