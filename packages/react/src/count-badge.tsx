/** How many are new or waiting, as a small pill: `7`, `99+`; nothing at zero, in a place that stays reserved. */
import type { ReactElement } from 'react';
import { createDictionary, useWords } from './dictionary.ts';
import { formatNumber } from './format.ts';
import { useLanguage } from './language.ts';

/** Of `<CountBadge>`. */
export interface CountBadgeProps {
  /** Below 1: nothing is shown. */
  readonly count: number;
  /** From here on it says `99+`; the whole number is on hover and for screen readers. @default 99 */
  readonly max?: number;
  /** What is counted, for screen readers: `unread notifications`. @default new */
  readonly label?: string;
  /** On a corner of its parent, which has `position: relative`. @default false */
  readonly corner?: boolean;
}

/** Needs `styles/count.css`. Says nothing to a screen reader at zero. */
export function CountBadge({ count, max = 99, label, corner = false }: CountBadgeProps): ReactElement {
  const words = useWords(dictionary);
  const language = useLanguage();
  const whole = wholeCount(count);
  const exact = formatNumber(whole, language);
  return (
    <span
      className={corner ? 'count count--corner' : 'count'}
      data-empty={whole === 0 ? '' : undefined}
      title={whole > max ? exact : undefined}
    >
      <span aria-hidden="true">{whole > max ? `${formatNumber(max, language)}+` : exact}</span>
      {whole > 0 && <span className="visually-hidden">{`${exact} ${label ?? words.fresh}`}</span>}
    </span>
  );
}

/** What a page that miscounted hands over is no reason for `NaN` on the screen. */
export function wholeCount(count: number): number {
  return count >= 1 ? Math.floor(count) : 0;
}

const dictionary = createDictionary({ en: { fresh: 'new' }, vi: { fresh: 'mới' } });
