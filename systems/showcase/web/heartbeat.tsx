/** The live heartbeat of this server: four numbers and the last minute as a line. */

import { formatNumber, isFollowing, useConnectionState, useLanguage, useWords } from '@fanfare/react';
import type { ServerStatus } from '@fanfare-systems/showcase';
import { type ReactElement, useState } from 'react';
import { useChannel } from './live.ts';
import { Sparkline } from './sparkline.tsx';
import { words } from './words.ts';

const SECONDS = 60;

export function Heartbeat(): ReactElement {
  const say = useWords(words);
  const language = useLanguage();
  const status = useChannel('server:status').value;
  const minute = useLast(status);
  // The last numbers of a server that is not heard are a memory, and look like one.
  const heard = isFollowing(useConnectionState());
  const number = (value: number | undefined): string | undefined =>
    value === undefined ? undefined : formatNumber(value, language);
  return (
    <section className="heartbeat card" aria-labelledby="heartbeat" data-heard={heard}>
      <h2 id="heartbeat" className="heartbeat__title">
        <span className="pulse" key={status?.uptimeMs} aria-hidden="true" />
        {heard || status === undefined ? say.heartbeat : say.lastHeard}
      </h2>
      <dl className="heartbeat__numbers">
        <Figure label={say.connections} value={number(status?.connections)} />
        <Figure label={say.events} value={number(status?.eventsPerSecond)} />
        <Figure label={say.deliveries} value={number(status?.deliveredPerSecond)} />
        <Figure label={say.uptime} value={status === undefined ? undefined : uptime(status.uptimeMs)} />
      </dl>
      <figure className="heartbeat__minute">
        <Sparkline values={minute} capacity={SECONDS} />
        <figcaption className="muted small">
          {say.lastMinute}. {say.atRest}
        </figcaption>
      </figure>
    </section>
  );
}

function Figure({ label, value }: { readonly label: string; readonly value: string | undefined }): ReactElement {
  return (
    <div className="figure">
      <dt className="muted small">{label}</dt>
      <dd className="figure__value number">{value ?? <span className="skeleton figure__skeleton" />}</dd>
    </div>
  );
}

/** Deliveries of the last minute, as far as this page has seen it. */
function useLast(status: ServerStatus | undefined): readonly number[] {
  const [seen, setSeen] = useState<{ readonly status: ServerStatus | undefined; readonly values: readonly number[] }>({
    status: undefined,
    values: [],
  });
  // State derived while rendering: the number and its place on the line are painted together.
  if (status !== undefined && status !== seen.status) {
    setSeen({ status, values: [...seen.values, status.deliveredPerSecond].slice(-SECONDS) });
  }
  return seen.values;
}

/** `4:07`, `2:15:09`, `3 d 4:00`: the same in both languages. */
function uptime(ms: number): string {
  const seconds = Math.floor(ms / 1000);
  const pad = (value: number): string => String(value).padStart(2, '0');
  const [days, hours, minutes] = [
    Math.floor(seconds / 86_400),
    Math.floor(seconds / 3600) % 24,
    Math.floor(seconds / 60) % 60,
  ];
  if (days > 0) return `${days} d ${hours}:${pad(minutes)}`;
  return hours > 0 ? `${hours}:${pad(minutes)}:${pad(seconds % 60)}` : `${minutes}:${pad(seconds % 60)}`;
}
