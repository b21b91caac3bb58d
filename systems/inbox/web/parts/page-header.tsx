/** The top of every page: where one is, the bell, how fresh the page is, the visitor's choices, and who the visitor is. */
import {
  AlertsSwitch,
  ConnectionBadge,
  LanguageSwitch,
  ThemeSwitch,
  useConnectionState,
  useWords,
} from '@fanfare/react';
import type { ReactElement } from 'react';
import { logOut } from '../api.ts';
import { Bell } from '../list/bell.tsx';
import { useInbox } from '../list/inbox-context.ts';
import { useClient } from '../live.ts';
import { words as dictionary } from '../words.ts';
import { Icon } from './icons.tsx';

export function PageHeader({ current }: { readonly current: 'inbox' | 'staff' }): ReactElement {
  const words = useWords(dictionary);
  const { user } = useInbox();
  const client = useClient();
  const connection = useConnectionState();
  const isStaff = user.roles.some((role) => role === 'admin' || role === 'staff');
  const leave = (): void => {
    client.close();
    void logOut().then(() => window.location.assign('/inbox'));
  };
  return (
    <header className="top">
      <nav className="top__nav" aria-label={words.pages}>
        <a className="top__link" href="/" title={words.home}>
          <Icon name="home" size={20} />
          <span className="visually-hidden">{words.home}</span>
        </a>
        <a className="top__brand" href="/inbox" aria-current={current === 'inbox' ? 'page' : undefined}>
          {words.inbox}
        </a>
        {isStaff && (
          <a className="top__link" href="/inbox/staff" aria-current={current === 'staff' ? 'page' : undefined}>
            {words.staff}
          </a>
        )}
      </nav>
      <div className="top__live">
        <ConnectionBadge connection={connection} onRetry={() => client.reconnect()} />
        <Bell />
      </div>
      <div className="top__choices">
        <LanguageSwitch />
        <ThemeSwitch />
        <AlertsSwitch />
        <button type="button" className="button button--small top__user" onClick={leave} title={words.logOut}>
          <span className="top__name">{user.name}</span>
          <Icon name="out" size={18} />
          <span className="visually-hidden">{words.logOut}</span>
        </button>
      </div>
    </header>
  );
}
