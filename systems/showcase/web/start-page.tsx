/** The page's frame and order: what it is, that it lives, what runs, who to be, what to try. */
import { useWords } from '@fanfare/react';
import type { ReactElement } from 'react';
import { BeSomeone } from './be-someone.tsx';
import { Heartbeat } from './heartbeat.tsx';
import { PageHeader } from './page-header.tsx';
import { useSession } from './session.ts';
import { Systems } from './systems.tsx';
import { TryIt } from './try-it.tsx';
import { words } from './words.ts';
import './start-page.css';

export function StartPage(): ReactElement {
  const say = useWords(words);
  const session = useSession();
  return (
    <>
      <a className="skip" href="#content">
        {say.skip}
      </a>
      <div className="page frame">
        <PageHeader />
        <main id="content" tabIndex={-1}>
          <section className="hero">
            <div>
              <h1 className="hero__line">{say.tagline}</h1>
              <p className="hero__pitch">{say.pitch}</p>
            </div>
            <Heartbeat />
          </section>
          <Systems user={session.user} />
          <BeSomeone session={session} />
          <TryIt canSend={session.user?.roles.includes('admin') ?? false} />
        </main>
        <footer className="frame__footer muted small">
          <p>{say.footer}</p>
          <a href="/components">{say.components}</a>
          <a href="/audit">{say.audit}</a>
        </footer>
      </div>
    </>
  );
}
