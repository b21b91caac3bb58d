/** The showcase's own pages, by address: the start page, the components that every page is made of, and the audit trail. */
import { FanfareProvider } from '@fanfare/react';
import { type ReactElement, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { client } from './live.ts';
import '@fanfare/react/tokens.css';
import './frame.css';

/** Each page's code comes only with that page. */
async function pageAt(path: string): Promise<() => ReactElement> {
  if (path === '/components') return (await import('./components/components-page.tsx')).ComponentsPage;
  if (path === '/audit') return (await import('./audit/audit-page.tsx')).AuditPage;
  return (await import('./start-page.tsx')).StartPage;
}

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');

const Page = await pageAt(location.pathname);

createRoot(root).render(
  <StrictMode>
    <FanfareProvider client={client}>
      <Page />
    </FanfareProvider>
  </StrictMode>,
);
