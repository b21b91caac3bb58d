/** The connection badge: the page's own, which can be put to the test, and all that it can say as a sheet to look at. */
import type { ConnectionState } from '@fanfare/client';
import { ConnectionBadge, useConnectionReason, useConnectionState, useWords } from '@fanfare/react';
import { type ReactElement, useEffect, useState } from 'react';
import { client } from '../live.ts';
import { Demo } from './demo.tsx';
import { words } from './words.ts';

/** How far ahead the sheet's countdown begins, again and again. */
const COUNTDOWN_MS = 9000;
const UNPLUGGED_MS = 5000;

/** Replaced by a moment ahead when it is shown. */
const SOON = 0;

const because = (code: string): Pick<ConnectionState, 'reason'> => ({ reason: { code, message: '' } });

const SHEET: readonly ConnectionState[] = [
  { status: 'idle' },
  { status: 'connecting' },
  { status: 'live', transport: 'ws', latencyMs: 12 },
  { status: 'live', transport: 'sse', latencyMs: 348, ...because('LIVE_BLOCKED') },
  { status: 'reconnecting', retryAt: SOON, ...because('NETWORK') },
  { status: 'reconnecting', ...because('HEARTBEAT_LOST') },
  { status: 'reconnecting', retryAt: SOON, ...because('CLOSED_3000') },
  { status: 'polling', transport: 'poll', latencyMs: 31, ...because('LIVE_BLOCKED') },
  { status: 'polling', transport: 'poll', ...because('SHORT_LIVED') },
  { status: 'polling', transport: 'poll', ...because('TRANSPORTS_SET') },
  { status: 'offline', ...because('OFFLINE') },
  { status: 'failed', ...because('FORBIDDEN') },
];

const CODE = `const connection = useConnectionState();
const client = useClient();
<ConnectionBadge connection={connection} onRetry={() => client.reconnect()} />`;

export function BadgeDemo(): ReactElement {
  const say = useWords(words);
  const retryAt = useCountdown();
  return (
    <Demo id="badge" title={say.badge} lead={say.badgeLead} code={CODE}>
      <OwnConnection />
      <ul className="sheet" aria-label={say.badgeSheet}>
        {SHEET.map((shown) => (
          <SheetCell
            key={`${shown.status} ${shown.transport} ${shown.reason?.code}`}
            connection={shown.retryAt === SOON ? { ...shown, retryAt } : shown}
          />
        ))}
      </ul>
    </Demo>
  );
}

function OwnConnection(): ReactElement {
  const say = useWords(words);
  const connection = useConnectionState();
  const reason = useConnectionReason(connection);
  const { unplugged, unplug } = useUnplugging();
  return (
    <div className="card own">
      <p className="own__words">
        <span className="muted small">{say.badgeOwn}</span>
        <ConnectionBadge connection={connection} onRetry={() => client.reconnect()} />
      </p>
      <p className="own__reason small">{reason}</p>
      <p className="row">
        <button type="button" className="button button--small" onClick={() => client.reconnect()}>
          {say.reconnect}
        </button>
        <button type="button" className="button button--small" onClick={unplug} aria-disabled={unplugged}>
          {unplugged ? say.unplugged : say.unplug}
        </button>
      </p>
    </div>
  );
}

function SheetCell({ connection }: { readonly connection: ConnectionState }): ReactElement {
  return (
    <li className="sheet__cell">
      <ConnectionBadge connection={connection} onRetry={() => undefined} />
      <p className="muted small">{useConnectionReason(connection)}</p>
    </li>
  );
}

/** Tells the client what a browser tells it when its network is gone, and a while later that it is back. */
function useUnplugging(): { readonly unplugged: boolean; readonly unplug: () => void } {
  const [unplugged, setUnplugged] = useState(false);
  useEffect(() => {
    if (!unplugged) return;
    window.dispatchEvent(new Event('offline'));
    const timer = setTimeout(() => setUnplugged(false), UNPLUGGED_MS);
    return () => {
      clearTimeout(timer);
      window.dispatchEvent(new Event('online'));
    };
  }, [unplugged]);
  return { unplugged, unplug: () => setUnplugged(true) };
}

/** A moment ahead, and when it has come, another. */
function useCountdown(): number {
  const [at, setAt] = useState(() => Date.now() + COUNTDOWN_MS);
  useEffect(() => {
    const timer = setTimeout(() => setAt(Date.now() + COUNTDOWN_MS), at - Date.now() + 1000);
    return () => clearTimeout(timer);
  }, [at]);
  return at;
}
