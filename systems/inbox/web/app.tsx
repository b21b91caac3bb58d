/** The inbox's pages, by address, for whoever is logged in. */
import type { Client } from '@fanfare/client';
import { FanfareProvider, Toaster } from '@fanfare/react';
import type { InboxShapes } from '@fanfare-systems/inbox';
import { lazy, type ReactElement, Suspense, useEffect, useState } from 'react';
import { type SessionUser, whoAmI } from './api.ts';
import { InboxPage } from './list/inbox-page.tsx';
import { InboxProvider } from './list/inbox-provider.tsx';
import { clientOf } from './live.ts';
import { SignIn } from './parts/sign-in.tsx';

/** Its plots come only with that page: who reads notifications does not pay for them. */
const StaffPage = lazy(async () => ({ default: (await import('./staff/staff-page.tsx')).StaffPage }));

type Session =
  | { readonly kind: 'asking' }
  | { readonly kind: 'nobody' }
  | { readonly kind: 'user'; readonly user: SessionUser; readonly client: Client<InboxShapes> };

const RETRY_MS = 2000;

export function App(): ReactElement {
  const session = useSession();
  if (session.kind === 'asking') return <Waiting />;
  if (session.kind === 'nobody') return <SignIn forStaff={isStaffPage()} />;
  const { client, user } = session;
  return (
    <FanfareProvider client={client}>
      <InboxProvider user={user}>
        <Suspense fallback={<Waiting />}>{isStaffPage() ? <StaffPage /> : <InboxPage />}</Suspense>
        <Toaster />
      </InboxProvider>
    </FanfareProvider>
  );
}

function isStaffPage(): boolean {
  return /^\/inbox\/staff\/?$/.test(window.location.pathname);
}

/** Asked until the server answers: a page that was opened while it restarts is not a page of nobody. */
function useSession(): Session {
  const [session, setSession] = useState<Session>({ kind: 'asking' });
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let isOver = false;
    const ask = async (): Promise<void> => {
      const me = await whoAmI();
      if (isOver) return;
      if (me.ok && me.value !== undefined) {
        setSession({ kind: 'user', user: me.value, client: clientOf(me.value.id) });
      } else if (me.ok || me.status === 401) setSession({ kind: 'nobody' });
      else timer = setTimeout(() => void ask(), RETRY_MS);
    };
    void ask();
    return () => {
      isOver = true;
      clearTimeout(timer);
    };
  }, []);
  return session;
}

/** The place of the page, until it is known whose it is. */
function Waiting(): ReactElement {
  return (
    <div className="page" aria-busy="true">
      <span className="skeleton waiting__top" />
      <span className="skeleton waiting__row" />
      <span className="skeleton waiting__row" />
      <span className="skeleton waiting__row" />
    </div>
  );
}
