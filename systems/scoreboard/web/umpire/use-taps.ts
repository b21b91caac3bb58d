/** The tap sender of one court, bound to the page: fed with the live state, nudged when the server may be back. */
import type { ConnectionStatus } from '@fanfare/client';
import { isFollowing } from '@fanfare/react';
import type { Snapshot } from '@fanfare-systems/scoreboard/rules';
import { useEffect, useState, useSyncExternalStore } from 'react';
import { isSnapshot, request, sendTap } from '../api.ts';
import type { TapQueue } from './tap-queue.ts';
import { TapSender } from './tap-sender.ts';

export interface Taps {
  readonly sender: TapSender;
  readonly queue: TapQueue;
}

export function useTaps(pin: string, snapshot: Snapshot | undefined, status: ConnectionStatus): Taps {
  const [sender] = useState(() => createSender(pin));
  const queue = useSyncExternalStore(sender.subscribe, sender.current);

  useEffect(() => {
    sender.open();
    const nudge = (): void => sender.nudge();
    window.addEventListener('online', nudge);
    return () => {
      window.removeEventListener('online', nudge);
      sender.close();
    };
  }, [sender]);
  useEffect(() => {
    if (snapshot !== undefined) sender.dispatch({ kind: 'heard', snapshot });
  }, [sender, snapshot]);
  useEffect(() => {
    if (isFollowing({ status })) sender.nudge();
  }, [sender, status]);
  return { sender, queue };
}

function createSender(pin: string): TapSender {
  const sender: TapSender = new TapSender({
    send: async (tap) => {
      // After an outage the court may have another match: the tap must not count for it.
      if (sender.current().failures > 0) await hearAgain();
      return sendTap(pin, tap);
    },
    storage: tabStorage(),
    storageKey: `fanfare.taps.${pin}`,
    makeKey,
    now: () => Date.now(),
    random: () => Math.random(),
  });
  const hearAgain = async (): Promise<void> => {
    const reply = await request(`/api/court/${encodeURIComponent(pin)}`);
    if (reply?.status === 200 && isSnapshot(reply.body)) sender.dispatch({ kind: 'heard', snapshot: reply.body });
  };
  return sender;
}

/** 128 random bits. `crypto.randomUUID` is missing on a plain http address in a hall's own network; this is not. */
function makeKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function tabStorage(): Storage | undefined {
  try {
    return window.sessionStorage;
  } catch {
    return undefined; // blocked
  }
}
