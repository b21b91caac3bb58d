/** The page's frame and order: what it is, that it lives, what runs, who to be, what to try. */
import { ConnectionBadge, LanguageSwitch, ThemeSwitch, useConnectionState, useWords } from '@fanfare/react';
import type { ReactElement } from 'react';
import { BeSomeone } from './be-someone.tsx';
import { Heartbeat } from './heartbeat.tsx';
import { client } from './live.ts';
import { useSession } from './session.ts';
import { Systems } from './systems.tsx';
import { TryIt } from './try-it.tsx';
import { words } from './words.ts';

export function StartPage(): ReactElement {
  const say = useWords(words);
  const session = useSession();
  return (
    <>
      <a className="skip" href="#content">
        {say.skip}
      </a>
      <div className="page start">
        <Header />
        <main id="content" tabIndex={-1}>
          <section className="hero">
            <div>
              <h1 className="hero__line">{say.tagline}</h1>
              <p className="hero__pitch">{say.pitch}</p>
            </div>
            <Heartbeat />
          </section>
          <Systems />
          <BeSomeone session={session} />
          <TryIt canSend={session.user?.roles.includes('admin') ?? false} />
        </main>
        <footer className="start__footer muted small">
          <p>{say.footer}</p>
        </footer>
      </div>
    </>
  );
}

function Header(): ReactElement {
  const connection = useConnectionState();
  return (
    <header className="start__header">
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
      <div className="row start__controls">
        <ConnectionBadge connection={connection} onRetry={() => client.reconnect()} />
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
    </header>
  );
}
