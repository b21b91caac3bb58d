/** The top of every page but the display: where one is, how fresh the page is, language and light. */
import type { ConnectionState } from '@fanfare/client';
import { ConnectionBadge, LanguageSwitch, ThemeSwitch, useWords } from '@fanfare/react';
import type { ReactElement } from 'react';
import { Link } from '../link.tsx';
import { client } from '../live.ts';
import { words as dictionary } from '../words.ts';
import { Icon } from './icons.tsx';

export function PageHeader({ connection }: { readonly connection: ConnectionState }): ReactElement {
  const words = useWords(dictionary);
  return (
    <header className="top">
      <a href="/" className="top__home" title={words.home}>
        <Icon name="home" size={20} />
        <span className="visually-hidden">{words.home}</span>
      </a>
      <Link href="/scoreboard" className="top__brand">
        <Icon name="shuttle" size={24} />
        <span className="top__word">{words.scoreboard}</span>
      </Link>
      <ConnectionBadge connection={connection} onRetry={() => client.reconnect()} />
      <div className="top__choices">
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
    </header>
  );
}
