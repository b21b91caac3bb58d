/** Who this browser is logged in as, and the demo users it could be. */
import { useConnectionState } from '@fanfare/react';
import { useCallback, useEffect, useState } from 'react';
import { type Answer, type DemoPerson, demoPeople, logIn, logOut, type SessionUser, whoAmI } from './api.ts';

/** The password of every demo user: printed where the server started, and no secret. */
const DEMO_PASSWORD = 'demo';

export interface Session {
  /** undefined: nobody, or not known yet. */
  readonly user: SessionUser | undefined;
  /** undefined: not known yet. */
  readonly people: readonly DemoPerson[] | undefined;
  readonly become: (username: string) => Promise<Answer<SessionUser>>;
  readonly leave: () => Promise<Answer<unknown>>;
}

/** Asks again whenever the server is back: it may have been restarted, on other data. */
export function useSession(): Session {
  const { status } = useConnectionState();
  const away = status === 'reconnecting' || status === 'offline';
  const [user, setUser] = useState<SessionUser | undefined>();
  const [people, setPeople] = useState<readonly DemoPerson[] | undefined>();

  useEffect(() => {
    if (away) return;
    let shown = true;
    Promise.all([whoAmI(), demoPeople()]).then(
      ([me, demo]) => {
        if (!shown) return;
        // A refused session is nobody; no answer at all is no news.
        if (me.ok || me.reason !== undefined) setUser(me.ok ? me.value : undefined);
        if (demo.ok) setPeople(demo.value);
      },
      () => setPeople(undefined),
    );
    return () => {
      shown = false;
    };
  }, [away]);

  const become = useCallback(async (username: string) => {
    const answer = await logIn(username, DEMO_PASSWORD);
    if (answer.ok) setUser(answer.value);
    return answer;
  }, []);

  const leave = useCallback(async () => {
    const answer = await logOut();
    if (answer.ok) setUser(undefined);
    return answer;
  }, []);

  return { user, people, become, leave };
}
