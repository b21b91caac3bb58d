/** Reads and follows the user's notifications for all of the page: bell, list and toasts show the same. */
import { useConnectionState, useTitleCount } from '@fanfare/react';
import type { Preferences } from '@fanfare-systems/inbox/rules';
import { type ReactElement, type ReactNode, useCallback, useEffect, useMemo, useReducer, useState } from 'react';
import { type Answer, getPreferences, listNotes, readAll, readOne, type SessionUser } from '../api.ts';
import { useChannel, useEvent, useLoss } from '../live.ts';
import { type Inbox, InboxContext } from './inbox-context.ts';
import { EMPTY_INBOX, type InboxState, nextInbox } from './inbox-state.ts';
import { useNoteToasts } from './use-note-toasts.ts';

export interface InboxProviderProps {
  readonly user: SessionUser;
  readonly children: ReactNode;
}

export function InboxProvider({ user, children }: InboxProviderProps): ReactElement {
  const inbox = useFollowedInbox(user);
  useTitleCount(inbox.unread);
  useNoteToasts(inbox);
  return <InboxContext.Provider value={inbox}>{children}</InboxContext.Provider>;
}

function useFollowedInbox(user: SessionUser): Inbox {
  const channel = `inbox:${user.id}` as const;
  const [state, tell] = useReducer(nextInbox, EMPTY_INBOX);
  const [problem, setProblem] = useState<string>();
  const [preferences, setPreferences] = usePreferences(channel);
  const { subscription } = useChannel(channel);
  const connection = useConnectionState();
  const count = useChannel(`inbox-unread:${user.id}`).value?.count;

  const note = useCallback((answer: Answer<unknown>): boolean => {
    // The session is over: the page begins anew, and asks who one is.
    if (!answer.ok && answer.status === 401) window.location.reload();
    setProblem(answer.ok ? undefined : (answer.reason ?? ''));
    return answer.ok;
  }, []);
  const reload = useCallback(() => {
    void listNotes().then((answer) => {
      if (note(answer) && answer.ok) tell({ kind: 'listed', listed: answer.value });
    });
  }, [note]);
  useEffect(reload, [reload]);
  // Once more from the moment on which the channel is followed, so that nothing falls in between; a channel that recovers brings what
  // was missed itself. Where it is refused, the list says why.
  const { status } = subscription;
  const begins = status === 'subscribed' && !subscription.recovered;
  const isOver = status === 'refused' || connection.status === 'failed';
  useEffect(() => {
    if (begins || isOver) reload();
  }, [begins, isOver, reload]);
  // The server answers again: what was said while it did not is no news.
  useEffect(() => {
    if (status === 'subscribed') setProblem(undefined);
  }, [status]);
  useEvent(channel, 'notification', (came) => tell({ kind: 'came', note: came }));
  useEvent(channel, 'read', (mark) => tell({ kind: 'read', mark }));
  useLoss(channel, reload);

  const actions = useActions({ state, tell, note });
  return useMemo(() => {
    const unread = count ?? state.unread;
    return { user, state, unread, preferences, setPreferences, problem, reload, ...actions };
  }, [user, state, count, preferences, setPreferences, problem, reload, actions]);
}

interface ActionParts {
  readonly state: InboxState;
  readonly tell: (event: Parameters<typeof nextInbox>[1]) => void;
  readonly note: (answer: Answer<unknown>) => boolean;
}

/** Shown at once; taken back where the server did not get it. */
function useActions({ state, tell, note }: ActionParts): Pick<Inbox, 'loadMore' | 'read' | 'readEverything'> {
  return useMemo(() => {
    const mark = (ids: readonly number[], request: Promise<Answer<unknown>>): void => {
      tell({ kind: 'read', mark: { ids, read_at: new Date().toISOString() } });
      void request.then((answer) => {
        if (!note(answer)) tell({ kind: 'unread-again', ids });
      });
    };
    return {
      loadMore: async () => {
        if (state.next === null) return;
        const answer = await listNotes(state.next);
        if (note(answer) && answer.ok) tell({ kind: 'listed-more', listed: answer.value, before: state.next });
      },
      read: ({ id, read_at: readAt }) => {
        if (readAt === null) mark([id], readOne(id));
      },
      readEverything: () => {
        const newest = state.notes?.[0]?.id;
        if (newest === undefined) return;
        const unread = (state.notes ?? []).filter(({ read_at: readAt }) => readAt === null);
        mark(
          unread.map(({ id }) => id),
          readAll(newest),
        );
      },
    };
  }, [state, tell, note]);
}

function usePreferences(channel: `inbox:${number}`): [Preferences | undefined, (preferences: Preferences) => void] {
  const [preferences, setPreferences] = useState<Preferences>();
  const { subscription } = useChannel(channel);
  const begins = subscription.status === 'subscribed' && !subscription.recovered;
  // biome-ignore lint/correctness/useExhaustiveDependencies: what was changed before the channel was followed is asked for
  useEffect(() => {
    void getPreferences().then((answer) => {
      if (answer.ok) setPreferences(answer.value);
    });
  }, [begins]);
  useEvent(channel, 'preferences', setPreferences);
  return [preferences, setPreferences];
}
