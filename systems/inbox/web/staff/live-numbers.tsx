/** What became of what was sent in the last 24 hours, as it changes. */
import { Flash, formatNumber, useLanguage, useWords } from '@fanfare/react';
import type { ReactElement } from 'react';
import { useChannel } from '../live.ts';
import { formatSeconds } from './format-seconds.ts';
import { staffWords } from './staff-words.ts';

export function LiveNumbers(): ReactElement {
  const words = useWords(staffWords);
  const language = useLanguage();
  const counters = useChannel('inbox-counters').value;
  const number = (value: number | undefined): string | undefined =>
    value === undefined ? undefined : formatNumber(value, language);
  const median = counters?.median_seconds_to_read;
  const delivered = (counters?.delivered_live ?? 0) + (counters?.delivered_on_reconnect ?? 0);
  const waiting = (counters?.sent ?? 0) - delivered;
  return (
    <section className="card numbers" aria-labelledby="numbers">
      <h2 id="numbers" className="numbers__title">
        {words.live}
      </h2>
      <dl className="numbers__all">
        <Figure label={words.sent} value={number(counters?.sent)} note={waiting > 0 ? words.waiting(waiting) : ''} />
        <Figure label={words.deliveredLive} value={number(counters?.delivered_live)} mark="live" />
        <Figure label={words.deliveredOnReturn} value={number(counters?.delivered_on_reconnect)} mark="return" />
        <Figure label={words.read} value={number(counters?.read)} />
        <Figure
          label={words.median}
          value={counters === undefined ? undefined : formatSeconds(median ?? null, language, words.none)}
        />
        <Figure label={words.connected} value={number(counters?.users_connected)} />
      </dl>
    </section>
  );
}

interface FigureProps {
  readonly label: string;
  /** undefined: not known yet. */
  readonly value: string | undefined;
  /** @default a place for one */
  readonly note?: string;
  readonly mark?: 'live' | 'return';
}

function Figure({ label, value, note = '', mark }: FigureProps): ReactElement {
  return (
    <div className="figure">
      <dt className="muted small" data-mark={mark}>
        {label}
      </dt>
      <dd className="figure__value number">
        {value === undefined ? <span className="skeleton figure__skeleton" /> : <Flash value={value} />}
      </dd>
      <dd className="muted small figure__note">{note}</dd>
    </div>
  );
}
