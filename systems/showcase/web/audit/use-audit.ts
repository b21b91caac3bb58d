/** The page of the trail that is shown, and what else is looked for. Reads anew when the server is back, or somebody else logs in. */
import { useConnectionState } from '@fanfare/react';
import { useCallback, useEffect, useState } from 'react';
import { type AuditFilter, type AuditPage, readAudit } from './read-audit.ts';

export interface Trail {
  readonly filter: AuditFilter;
  /** undefined: not read yet. */
  readonly page: AuditPage | undefined;
  readonly problem: Problem | undefined;
  readonly choose: (filter: AuditFilter) => void;
  readonly newest: () => void;
  readonly older: () => void;
  readonly again: () => void;
}

export interface Problem {
  readonly kind: 'forbidden' | 'failed';
  readonly reason: string | undefined;
}

interface Wanted {
  readonly filter: AuditFilter;
  readonly before: string | undefined;
  /** Counts readings of the same. */
  readonly time: number;
}

const FIRST: Wanted = { filter: { outcome: 'refused', who: '', what: '' }, before: undefined, time: 0 };

/** `user`: whoever is logged in. */
export function useAudit(user: number | undefined): Trail {
  const { status } = useConnectionState();
  const away = status === 'reconnecting' || status === 'offline';
  const [wanted, want] = useState(FIRST);
  const [page, setPage] = useState<AuditPage | undefined>();
  const [problem, setProblem] = useState<Problem | undefined>();

  // biome-ignore lint/correctness/useExhaustiveDependencies: who asks decides what is answered
  useEffect(() => {
    if (away) return;
    let shown = true;
    void readAudit(wanted.filter, wanted.before).then((answer) => {
      if (!shown) return;
      if (answer.ok) setPage(answer.value);
      const isForbidden = !answer.ok && (answer.status === 401 || answer.status === 403);
      setProblem(answer.ok ? undefined : { kind: isForbidden ? 'forbidden' : 'failed', reason: answer.reason });
    });
    return () => {
      shown = false;
    };
  }, [wanted, user, away]);

  const older = page?.older ?? undefined;
  return {
    filter: wanted.filter,
    page,
    problem,
    choose: useCallback((filter) => want(({ time }) => ({ filter, before: undefined, time: time + 1 })), []),
    newest: useCallback(() => want(({ filter, time }) => ({ filter, before: undefined, time: time + 1 })), []),
    older: useCallback(() => want(({ filter, time }) => ({ filter, before: older, time: time + 1 })), [older]),
    again: useCallback(() => want((last) => ({ ...last, time: last.time + 1 })), []),
  };
}
