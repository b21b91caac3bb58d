/** What was sent and how it arrived, day by day: two plots, and the same as a table. */
import { formatNumber, useLanguage, useWords } from '@fanfare/react';
import type { Analytics } from '@fanfare-systems/inbox/rules';
import { type ReactElement, useEffect, useMemo, useState } from 'react';
import { getAnalytics } from '../api.ts';
import { useChannel } from '../live.ts';
import { words as inboxWords } from '../words.ts';
import { BarPlot } from './bar-plot.tsx';
import { deliveryOf, sentByType } from './day-series.ts';
import { formatSeconds } from './format-seconds.ts';
import { staffWords } from './staff-words.ts';

const RANGES = [7, 30] as const;
/** While it goes on, numbers are counted anew no more often than this. */
const AGAIN_MS = 2000;

export function DayPlots(): ReactElement {
  const words = useWords(staffWords);
  const [days, setDays] = useState<number>(RANGES[0]);
  const analytics = useAnalytics(days);
  return (
    <section className="card stack plots" aria-labelledby="plots">
      <header className="plots__head">
        <h2 id="plots">{words.byDay}</h2>
        <fieldset className="choice">
          <legend className="visually-hidden">{words.range}</legend>
          {RANGES.map((range) => (
            <button
              key={range}
              type="button"
              className="choice__option send__option"
              aria-pressed={days === range}
              onClick={() => setDays(range)}
            >
              {words.days(range)}
            </button>
          ))}
        </fieldset>
      </header>
      {analytics === undefined ? (
        <span className="skeleton plots__skeleton" />
      ) : analytics.totals.sent === 0 ? (
        <p className="muted">{words.noData}</p>
      ) : (
        <Plots analytics={analytics} />
      )}
    </section>
  );
}

function Plots({ analytics }: { readonly analytics: Analytics }): ReactElement {
  const words = useWords(staffWords);
  const { types } = useWords(inboxWords);
  const sent = useMemo(() => sentByType(analytics, types), [analytics, types]);
  const delivery = useMemo(() => {
    return deliveryOf(analytics, {
      live: words.deliveredLive,
      onReturn: words.deliveredOnReturn,
      notYet: words.notYet,
    });
  }, [analytics, words]);
  return (
    <>
      <div className="plots__two">
        <BarPlot title={words.sentByType} series={sent} />
        <BarPlot title={words.howDelivered} series={delivery} />
      </div>
      <details>
        <summary className="small">{words.table}</summary>
        <Table analytics={analytics} />
      </details>
    </>
  );
}

function Table({ analytics }: { readonly analytics: Analytics }): ReactElement {
  const words = useWords(staffWords);
  const { types } = useWords(inboxWords);
  const language = useLanguage();
  const rows = analytics.by_day.filter(({ sent }) => sent > 0).reverse();
  const number = (value: number): string => formatNumber(value, language);
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must take keyboard focus (WCAG 2.1.1)
    <div className="plots__table" tabIndex={0}>
      <table className="small number">
        <thead>
          <tr>
            {[
              words.day,
              words.type,
              words.sent,
              words.deliveredLive,
              words.deliveredOnReturn,
              words.read,
              words.median,
            ].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={`${row.day} ${row.type}`}>
              <th scope="row">{row.day}</th>
              <td>{types[row.type]}</td>
              <td>{number(row.sent)}</td>
              <td>{number(row.delivered_live)}</td>
              <td>{number(row.delivered_on_reconnect)}</td>
              <td>{number(row.read)}</td>
              <td>{formatSeconds(row.median_seconds_to_read, language, words.none)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Read again while the live counters change, and the last change is always read. */
function useAnalytics(days: number): Analytics | undefined {
  const [analytics, setAnalytics] = useState<Analytics>();
  const at = useChannel('inbox-counters', { everyMs: AGAIN_MS }).value?.at;
  // biome-ignore lint/correctness/useExhaustiveDependencies: read again at every change
  useEffect(() => {
    let isOver = false;
    void getAnalytics(days).then((answer) => {
      if (answer.ok && !isOver) setAnalytics(answer.value);
    });
    return () => {
      isOver = true;
    };
  }, [days, at]);
  return analytics;
}
