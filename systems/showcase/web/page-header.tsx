/** The top of the showcase's own pages: the way home, how fresh the page is, and the visitor's choices. */
import { AlertsSwitch, ConnectionBadge, LanguageSwitch, ThemeSwitch, useConnectionState } from '@fanfare/react';
import type { ReactElement } from 'react';
import { client } from './live.ts';

export interface PageHeaderProps {
  /** A page with toasts lets the visitor hear them. @default false */
  readonly alerts?: boolean;
}

export function PageHeader({ alerts = false }: PageHeaderProps): ReactElement {
  const connection = useConnectionState();
  return (
    <header className="frame__header">
      <a className="brand" href="/" aria-label="Fanfare">
        <svg width="28" height="28" viewBox="0 0 32 32" aria-hidden="true">
          <rect className="brand__tile" width="32" height="32" rx="8" />
          <path
            className="brand__waves"
            d="M9 16h.01M13.5 11.500a6.5 6.5 0 0 1 0 9M17.5 8a11.5 11.5 0 0 1 0 16M21.5 5a16 16 0 0 1 0 22"
          />
        </svg>
        Fanfare
      </a>
      <div className="row frame__controls">
        <ConnectionBadge connection={connection} onRetry={() => client.reconnect()} />
        <div className="row frame__choices">
          <LanguageSwitch />
          <ThemeSwitch />
          {alerts && <AlertsSwitch />}
        </div>
      </div>
    </header>
  );
}
