/** Says how fresh the page is, and tells the truth: live, reconnecting (with a countdown), polling, offline, or stopped. */
import type { ConnectionState } from '@fanfare/client';
import { type ReactElement, useId } from 'react';
import { createDictionary, useWords } from './dictionary.ts';
import { useNow } from './use-now.ts';

export interface ConnectionBadgeProps {
  /** What the badge says: `useConnection()`, or a page's own state where it polls by itself. */
  readonly connection: ConnectionState;
  /** What a press does while the page is not live: try again now. */
  readonly onRetry: () => void;
}

/** A button: hover, focus or a tap shows the reason; pressing it while the page is not live tries at once. */
export function ConnectionBadge({ connection, onRetry }: ConnectionBadgeProps): ReactElement {
  const words = useWords(dictionary);
  const reasonId = useId();
  const { status, retryAt } = connection;
  const now = useNow(250, status === 'reconnecting' && retryAt !== undefined);
  const reason = reasonOf(connection, words);
  const canRetry = status === 'reconnecting' || status === 'polling' || status === 'offline' || status === 'failed';
  return (
    <>
      <button
        type="button"
        className="connection"
        data-status={status}
        aria-describedby={reasonId}
        onClick={canRetry ? onRetry : undefined}
      >
        <span className="connection__dot" aria-hidden="true" />
        <span className="connection__word">{words[status]}</span>
        <span className="connection__detail" aria-hidden="true">
          {detailOf(connection, now, words)}
        </span>
        {/* For a page that has no room for the long word; hidden unless its own style shows it. */}
        <span className="connection__short" aria-hidden="true">
          {shortOf(connection, now, words)}
        </span>
        <span className="connection__reason" id={reasonId} role="tooltip">
          {reason}
          {canRetry ? ` ${words.tryNow}` : ''}
        </span>
      </button>
      {/* Spoken once per status: neither the countdown nor the latency belongs in a live region. */}
      <span className="visually-hidden" role="status" aria-live="polite">
        {`${words[status]}. ${reason}`.trim()}
      </span>
    </>
  );
}

const dictionary = createDictionary({
  en: {
    idle: 'Not connected',
    connecting: 'Connecting',
    live: 'Live',
    reconnecting: 'Reconnecting',
    polling: 'Polling',
    offline: 'Offline',
    failed: 'Stopped',
    latency: (ms: number) => `${ms} ms`,
    inSeconds: (seconds: number) => `in ${seconds} s`,
    now: 'now',
    retry: (seconds: number) => (seconds > 0 ? `Retry ${seconds} s` : 'Retry'),
    why: {
      idle: 'Nothing is being followed yet.',
      connecting: 'The first connection is on its way.',
      live: 'Every change arrives at once.',
      reconnecting: 'The connection was lost. What was missed will be caught up.',
      polling: 'No live connection: this page asks every few seconds.',
      offline: 'This device has no network. The page continues by itself when it is back.',
      failed: 'The server refused the connection.',
    },
    tryNow: 'Press to try now.',
    causes: {
      CONNECT_TIMEOUT: 'The server did not answer in time.',
      HEARTBEAT_LOST: 'The server fell silent.',
      NETWORK: 'The server could not be reached.',
      STREAM_ENDED: 'The stream broke off.',
      OFFLINE: '',
    },
  },
  vi: {
    idle: 'Chưa kết nối',
    connecting: 'Đang kết nối',
    live: 'Trực tiếp',
    reconnecting: 'Đang kết nối lại',
    polling: 'Hỏi định kỳ',
    offline: 'Mất mạng',
    failed: 'Đã dừng',
    latency: (ms: number) => `${ms} ms`,
    inSeconds: (seconds: number) => `sau ${seconds} giây`,
    now: 'ngay',
    retry: (seconds: number) => (seconds > 0 ? `Nối lại ${seconds} s` : 'Nối lại'),
    why: {
      idle: 'Chưa theo dõi gì.',
      connecting: 'Đang mở kết nối đầu tiên.',
      live: 'Mọi thay đổi đến ngay lập tức.',
      reconnecting: 'Kết nối bị ngắt. Những gì bỏ lỡ sẽ được bù lại.',
      polling: 'Không có kết nối trực tiếp: trang hỏi máy chủ vài giây một lần.',
      offline: 'Thiết bị không có mạng. Trang tự tiếp tục khi có mạng lại.',
      failed: 'Máy chủ từ chối kết nối.',
    },
    tryNow: 'Bấm để thử ngay.',
    causes: {
      CONNECT_TIMEOUT: 'Máy chủ không trả lời kịp.',
      HEARTBEAT_LOST: 'Máy chủ im lặng quá lâu.',
      NETWORK: 'Không liên lạc được với máy chủ.',
      STREAM_ENDED: 'Luồng dữ liệu bị ngắt.',
      OFFLINE: '',
    },
  },
});

type BadgeWords = (typeof dictionary)['en'];

function detailOf({ status, latencyMs, retryAt }: ConnectionState, now: number, words: BadgeWords): string {
  if (status === 'live' && latencyMs !== undefined) return words.latency(Math.max(1, Math.round(latencyMs)));
  if (status !== 'reconnecting' || retryAt === undefined) return '';
  const seconds = secondsUntil(retryAt, now);
  return seconds > 0 ? words.inSeconds(seconds) : words.now;
}

/** Only reconnecting has a long word. */
function shortOf({ status, retryAt }: ConnectionState, now: number, words: BadgeWords): string {
  return status === 'reconnecting'
    ? words.retry(retryAt === undefined ? 0 : secondsUntil(retryAt, now))
    : words[status];
}

function secondsUntil(at: number, now: number): number {
  return Math.ceil((at - now) / 1000);
}

function reasonOf({ status, reason }: ConnectionState, words: BadgeWords): string {
  if (reason === undefined) return words.why[status];
  const causes: Readonly<Record<string, string>> = words.causes;
  return `${words.why[status]} ${causes[reason.code] ?? reason.message}`;
}
