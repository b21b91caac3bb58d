/**
 * One board or court: live, and by polling where live fails for long. Renders at most every 80 ms, and always the last state.
 * The client keeps trying meanwhile; as soon as its stream is back, the polling ends.
 */
import type { ConnectionState } from '@fanfare/client';
import { type StateNames, useConnectionState } from '@fanfare/react';
import type { ScoreboardShapes } from '@fanfare-systems/scoreboard';
import type { Snapshot } from '@fanfare-systems/scoreboard/rules';
import { useEffect, useState } from 'react';
import { isSnapshot, request } from './api.ts';
import { freshness, isLive } from './freshness.ts';
import { client, useChannel } from './live.ts';

const RENDER_EVERY_MS = 80;
/** Longer than an ordinary reconnect takes, shorter than a spectator's patience. */
const POLL_AFTER_MS = 4000;
const POLL_EVERY_MS = 3000;
const EMPTY_AFTER_MS = 600;

export interface BoardSource {
  /** undefined: not known yet. */
  readonly channel: StateNames<ScoreboardShapes> | undefined;
  /** The same board by polling. */
  readonly path: string;
}

export interface Board {
  readonly snapshot: Snapshot | undefined;
  /** What is true for this board, for the badge. */
  readonly connection: ConnectionState;
  /** The server has nothing to show here yet. */
  readonly empty: boolean;
  /** A server answer that only a person can resolve (the PIN was rotated, the court is full and so on). */
  readonly refused: string | undefined;
}

export function useBoard({ channel, path }: BoardSource): Board {
  const connection = useConnectionState();
  const { value, subscription } = useChannel(channel, { everyMs: RENDER_EVERY_MS });
  const live = isLive({ connection, subscription });
  const pollIsDue = useLasting(channel !== undefined && !live && connection.status !== 'offline', POLL_AFTER_MS);
  const polled = usePolling(pollIsDue ? path : undefined, value);
  // The server is back: its stream need not wait for the end of the client's own pause.
  const { answered } = polled;
  useEffect(() => {
    if (answered) client.reconnect();
  }, [answered]);
  // A polled state counts until the stream brings the next one: of the two, that is the newer.
  const snapshot = polled.snapshot !== undefined && polled.instead === value ? polled.snapshot : value;
  // A value follows its subscription at once; a board without one is empty.
  const empty = useLasting(live && snapshot === undefined, EMPTY_AFTER_MS);
  return {
    snapshot,
    empty,
    connection: freshness({ connection, subscription, polling: polled.answered }),
    refused: subscription.status === 'refused' && !subscription.retry ? subscription.reason.code : undefined,
  };
}

interface Polled {
  readonly answered: boolean;
  readonly snapshot: Snapshot | undefined;
  /** What the stream had brought last when this was polled. */
  readonly instead: Snapshot | undefined;
}

const NOT_POLLED: Polled = { answered: false, snapshot: undefined, instead: undefined };

/** Asks for `path` every few seconds; undefined: asks nothing, and keeps the last answer. */
function usePolling(path: string | undefined, streamed: Snapshot | undefined): Polled {
  const [polled, setPolled] = useState(NOT_POLLED);
  useEffect(() => {
    if (path === undefined) return;
    let stopped = false;
    let etag: string | undefined;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      const reply = await request(path, etag === undefined ? {} : { headers: { 'If-None-Match': etag } });
      if (stopped) return;
      if (reply?.status === 200 && isSnapshot(reply.body)) {
        etag = reply.etag;
        setPolled({ answered: true, snapshot: reply.body, instead: streamed });
      } else {
        // 304: the state on the page is the newest. Anything else is no answer.
        setPolled((before) => ({ ...before, answered: reply?.status === 304 }));
      }
      timer = setTimeout(() => void ask(), POLL_EVERY_MS);
    };
    void ask();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [path, streamed]);
  useEffect(() => {
    // The next time it begins, nothing has been answered yet.
    if (path === undefined) setPolled((before) => ({ ...before, answered: false }));
  }, [path]);
  return polled;
}

/** True once `condition` has held for so long. */
function useLasting(condition: boolean, forMs: number): boolean {
  const [lasted, setLasted] = useState(false);
  useEffect(() => {
    if (!condition) return;
    const timer = setTimeout(() => setLasted(true), forMs);
    return () => {
      clearTimeout(timer);
      setLasted(false);
    };
  }, [condition, forMs]);
  return condition && lasted;
}
