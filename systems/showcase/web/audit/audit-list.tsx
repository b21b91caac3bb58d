/** Entries of the trail, newest first. */
import { formatExact, formatNumber, useLanguage, useWords } from '@fanfare/react';
import type { ReactElement } from 'react';
import type { AuditEntry } from './read-audit.ts';
import type { Trail } from './use-audit.ts';
import { type AuditWords, words } from './words.ts';

const PLACES = ['a', 'b', 'c', 'd', 'e', 'f'] as const;

export function AuditList({ trail: { page, filter, problem } }: { readonly trail: Trail }): ReactElement | null {
  const say = useWords(words);
  const language = useLanguage();
  if (page === undefined) {
    if (problem !== undefined) return null;
    return (
      <ol className="audit__list" aria-label={say.loading} aria-busy="true">
        {PLACES.map((place) => (
          <li key={place} className="skeleton audit__place" />
        ))}
      </ol>
    );
  }
  const isFiltered = filter.who !== '' || filter.what !== '';
  if (page.entries.length === 0) return <p className="empty">{isFiltered ? say.none : say.noneAtAll}</p>;
  return (
    <section aria-label={say[filter.outcome]}>
      <p className="muted small" role="status">
        {say.page(formatNumber(page.entries.length, language))}
      </p>
      <ol className="audit__list">
        {page.entries.map((entry) => (
          <li key={entry.position} className="audit__entry">
            <time className="muted small" dateTime={new Date(entry.at).toISOString()}>
              {formatExact(entry.at, language)}
            </time>
            <span className="audit__actor">{entry.actor}</span>
            <span className="audit__act">
              <strong>{entry.action}</strong> <span className="muted">{say.on}</span> {entry.target}
            </span>
            <Details entry={entry} say={say} count={(value) => formatNumber(value, language)} />
          </li>
        ))}
      </ol>
    </section>
  );
}

interface DetailsProps {
  readonly entry: AuditEntry;
  readonly say: AuditWords;
  readonly count: (value: number) => string;
}

function Details({ entry: { details = {} }, say, count }: DetailsProps): ReactElement {
  const { code, address, suppressed, connection: _, ...more } = details;
  const rest = Object.keys(more).length === 0 ? undefined : JSON.stringify(more);
  return (
    <span className="audit__details small">
      {typeof code === 'string' && <code>{code}</code>}
      {typeof address === 'string' && address !== '' && (
        <span className="muted">
          {say.from} {address}
        </span>
      )}
      {typeof suppressed === 'number' && <span className="muted">{say.suppressed(count(suppressed))}</span>}
      {rest !== undefined && <code className="muted">{rest}</code>}
    </span>
  );
}
