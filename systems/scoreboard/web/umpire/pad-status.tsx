/** Where the taps are: all counted, on their way, kept while the server is away, or not counted and why. Its place is always there. */
import { useWords } from '@fanfare/react';
import { type ReactElement, useEffect, useRef } from 'react';
import { Icon } from '../parts/icons.tsx';
import type { TapNotice, TapQueue } from './tap-queue.ts';
import { type UmpireWords, umpireWords } from './umpire-words.ts';

export interface PadStatusProps {
  readonly queue: TapQueue;
  /** This device has no network: the server is not to blame. */
  readonly offline: boolean;
  readonly dismiss: () => void;
}

/** A notice that only explains the score on the page goes by itself; one about lost taps stays until the umpire goes on. */
const EXPLAINED_AFTER_MS = 12_000;

export function PadStatus({ queue, offline, dismiss }: PadStatusProps): ReactElement {
  const words = useWords(umpireWords);
  const { notice, taps, failures } = queue;
  useDismissal(notice, dismiss);
  if (notice !== undefined) {
    return (
      <div className="pad__place">
        <div className="pad__status" data-tone="conflict" role="alert">
          <Icon name="warning" />
          <p>{noticeText(notice, words)}</p>
          <button
            type="button"
            className="button button--small button--quiet"
            onClick={dismiss}
            aria-label={words.dismiss}
          >
            <Icon name="close" size={18} />
          </button>
        </div>
      </div>
    );
  }
  if (taps.length === 0) return <p className="pad__status muted">{words.ready}</p>;
  // The first attempt of a healthy tap is over before it could be read.
  const away = failures > 0;
  return (
    <p className="pad__status" data-tone={away ? 'keeping' : undefined} role="status">
      {away ? (offline ? words.keepingOffline : words.keeping)(taps.length) : words.waiting(taps.length)}
    </p>
  );
}

function useDismissal(notice: TapNotice | undefined, dismiss: () => void): void {
  const newest = useRef(dismiss);
  useEffect(() => {
    newest.current = dismiss;
  });
  useEffect(() => {
    if (notice?.kind !== 'differs' && notice?.kind !== 'both-counted') return;
    const timer = setTimeout(() => newest.current(), EXPLAINED_AFTER_MS);
    return () => clearTimeout(timer);
  }, [notice]);
}

function noticeText(notice: TapNotice, words: UmpireWords): string {
  switch (notice.kind) {
    case 'both-counted':
      return words.bothCounted;
    case 'differs':
      return words.differs;
    case 'other-match':
      return words.otherMatch;
    case 'refused': {
      const why: Readonly<Record<string, string>> = words.why;
      return `${why[notice.code] ?? notice.code} ${words.refused(notice.taps.length)}`;
    }
  }
}
