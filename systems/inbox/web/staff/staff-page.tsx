/** For staff: send, watch what becomes of it, and choose how clients connect. */
import { useWords } from '@fanfare/react';
import { type ReactElement, useEffect } from 'react';
import { useInbox } from '../list/inbox-context.ts';
import { PageHeader } from '../parts/page-header.tsx';
import { DayPlots } from './day-plots.tsx';
import { LiveNumbers } from './live-numbers.tsx';
import { SendForm } from './send-form.tsx';
import { staffWords } from './staff-words.ts';
import { TransportSwitch } from './transport-switch.tsx';

export function StaffPage(): ReactElement {
  const words = useWords(staffWords);
  const { user } = useInbox();
  const isStaff = user.roles.some((role) => role === 'admin' || role === 'staff');
  useEffect(() => {
    document.title = words.title;
  }, [words]);
  return (
    <div className="page">
      <PageHeader current="staff" />
      {isStaff ? (
        <main className="staff">
          <h1 className="visually-hidden">{words.title}</h1>
          <LiveNumbers />
          <SendForm />
          <DayPlots />
          <TransportSwitch />
        </main>
      ) : (
        <main className="empty">
          <h1>{words.notStaff}</h1>
          <p>{words.notStaffHelp}</p>
          <a className="button" href="/inbox">
            {words.back}
          </a>
        </main>
      )}
    </div>
  );
}
