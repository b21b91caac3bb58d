/** Says how fresh the page is, and tells the truth: live, reconnecting (with a countdown), polling, offline, or stopped. */
import type { ConnectionState } from '@fanfare/client';
import { type ReactElement, type SyntheticEvent, useId, useState } from 'react';
import { type ConnectionWords, dictionary, reasonOf, WIRES } from './connection-words.ts';
import { useWords } from './dictionary.ts';
import { useNow } from './use-now.ts';

/** Of `<ConnectionBadge>`. */
export interface ConnectionBadgeProps {
  /** What the badge says: `useConnectionState()`, or a page's own state where it polls by itself. */
  readonly connection: ConnectionState;
  /** What a press does while the page is not live: try again now. */
  readonly onRetry: () => void;
}

/** A button: hover, focus or a tap shows the reason; pressing it while the page is not live tries at once. */
export function ConnectionBadge({ connection, onRetry }: ConnectionBadgeProps): ReactElement {
  const words = useWords(dictionary);
  const reasonId = useId();
  const { status, retryAt, transport } = connection;
  const now = useNow(250, status === 'reconnecting' && retryAt !== undefined);
  const reason = reasonOf(connection, words);
  const [side, setSide] = useState<Side>('end');
  const look = (event: SyntheticEvent<HTMLElement>): void => setSide(sideOf(event.currentTarget));
  const canRetry = status === 'reconnecting' || status === 'polling' || status === 'offline' || status === 'failed';
  return (
    <>
      <button
        type="button"
        className="connection"
        data-status={status}
        aria-describedby={reasonId}
        onPointerEnter={look}
        onFocus={look}
        onClick={canRetry ? onRetry : undefined}
      >
        <span className="connection__dot" aria-hidden="true" />
        <span className="connection__word">{words[status]}</span>
        <span className="connection__detail" aria-hidden="true">
          {detailOf(connection, now, words)}
        </span>
        {status === 'live' && transport !== undefined && (
          <span className="connection__wire" aria-hidden="true">
            {WIRES[transport]}
          </span>
        )}
        {/* For a phone, which has no room for the long word; hidden elsewhere. */}
        <span className="connection__short" aria-hidden="true">
          {shortOf(connection, now, words)}
        </span>
        <span className="connection__reason" data-side={side} id={reasonId} role="tooltip">
          {reason}
          {canRetry ? ` ${words.tryNow}` : ''}
        </span>
      </button>
      {/* Spoken once per status: neither the countdown nor the latency belongs in a live region. */}
      <span className="visually-hidden" role="status" aria-live="polite">
        {`${words[status]}. ${reason}`}
      </span>
    </>
  );
}

/** The edge of the badge from which the reason begins: it grows towards the middle of the page, where there is room for it. */
type Side = 'start' | 'end';

function sideOf(badge: HTMLElement): Side {
  const { left, right } = badge.getBoundingClientRect();
  return left + right < document.documentElement.clientWidth ? 'start' : 'end';
}

function detailOf({ status, latencyMs, retryAt }: ConnectionState, now: number, words: ConnectionWords): string {
  if ((status === 'live' || status === 'polling') && latencyMs !== undefined)
    return words.latency(Math.max(1, Math.round(latencyMs)));
  if (status !== 'reconnecting' || retryAt === undefined) return '';
  const seconds = secondsUntil(retryAt, now);
  return seconds > 0 ? words.inSeconds(seconds) : words.now;
}

/** Only reconnecting has a long word. */
function shortOf({ status, retryAt }: ConnectionState, now: number, words: ConnectionWords): string {
  return status === 'reconnecting'
    ? words.retry(retryAt === undefined ? 0 : secondsUntil(retryAt, now))
    : words[status];
}

function secondsUntil(at: number, now: number): number {
  return Math.ceil((at - now) / 1000);
}
