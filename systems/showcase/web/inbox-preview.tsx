/** The inbox of whoever is logged in, small and live: how many are unread, and what came last. */
import { createClient } from '@fanfare/client';
import { CountBadge, useWords } from '@fanfare/react';
import type { InboxShapes, Note } from '@fanfare-systems/inbox';
import { type ReactElement, useEffect, useState } from 'react';
import type { SessionUser } from './api.ts';
import { words } from './words.ts';

export function InboxPreview({ user }: { readonly user: SessionUser | undefined }): ReactElement {
  const say = useWords(words);
  const { unread, newest } = useInboxOf(user?.id);
  if (user === undefined) return <p className="muted small inbox-preview">{say.inboxNobody}</p>;
  return (
    <p className="small inbox-preview" role="status">
      <CountBadge count={unread} label={say.unread} />
      <span className="inbox-preview__text">{newest?.title ?? say.inboxOf(user.name)}</span>
    </p>
  );
}

/** A connection of its own, as whom one is: the page's was opened before the visitor became somebody. The inbox's tabs share it. */
function useInboxOf(userId: number | undefined): { readonly unread: number; readonly newest: Note | undefined } {
  const [unread, setUnread] = useState(0);
  const [newest, setNewest] = useState<Note>();
  useEffect(() => {
    setUnread(0);
    setNewest(undefined);
    if (userId === undefined) return;
    const client = createClient<InboxShapes>({ tabs: { user: `inbox-${userId}` } });
    const count = client.channel(`inbox-unread:${userId}`);
    count.subscribe(() => setUnread(count.value?.count ?? 0));
    client.channel(`inbox:${userId}`).on('notification', setNewest);
    return () => client.close();
  }, [userId]);
  return { unread, newest };
}
