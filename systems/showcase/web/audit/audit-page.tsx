/** `/audit`: who was refused what, and who did what to the server, for administrators. */
import { useWords } from '@fanfare/react';
import { type ReactElement, useEffect } from 'react';
import { useChannel } from '../live.ts';
import { PageHeader } from '../page-header.tsx';
import { useSession } from '../session.ts';
import { AuditFilterForm } from './audit-filter.tsx';
import { AuditList } from './audit-list.tsx';
import { useAudit } from './use-audit.ts';
import { words } from './words.ts';
import './audit.css';

export function AuditPage(): ReactElement {
  const say = useWords(words);
  const { user } = useSession();
  const trail = useAudit(user?.id);
  useEffect(() => {
    document.title = `${say.title} · Fanfare`;
  }, [say]);
  const { page, problem } = trail;
  return (
    <>
      <a className="skip" href="#content">
        {say.skip}
      </a>
      <div className="page frame">
        <PageHeader />
        <Connected />
        <main id="content" className="audit" tabIndex={-1}>
          <header className="section__head">
            <h1 className="audit__title">{say.heading}</h1>
            <p className="muted audit__lead">{say.lead}</p>
          </header>
          {problem?.kind === 'forbidden' ? (
            <p className="empty">
              {say.adminsOnly} <a href="/#people">{say.logIn}</a>
            </p>
          ) : (
            <>
              <AuditFilterForm filter={trail.filter} choose={trail.choose} />
              {problem !== undefined && (
                <p className="notice notice--error" role="alert">
                  <span>{say.failed(problem.reason ?? say.offline)}</span>
                  <button type="button" className="button button--small" onClick={trail.again}>
                    {say.retry}
                  </button>
                </p>
              )}
              <AuditList trail={trail} />
              {page !== undefined && (
                <nav className="row audit__pages" aria-label={say.heading}>
                  <button type="button" className="button" onClick={trail.newest}>
                    {say.newest}
                  </button>
                  <button type="button" className="button" disabled={page.older === null} onClick={trail.older}>
                    {say.older}
                  </button>
                </nav>
              )}
            </>
          )}
        </main>
      </div>
    </>
  );
}

/** Follows the server's heartbeat: so the page knows that the server was away, and reads anew. */
function Connected(): null {
  useChannel('server:status');
  return null;
}
