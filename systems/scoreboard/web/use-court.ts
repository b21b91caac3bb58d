/** One court by its PIN: is there such a court, and its board. */
import type { ConnectionState } from '@fanfare/client';
import { useEffect, useState } from 'react';
import { lookUpPin, type PinOutcome } from './api.ts';
import { type Board, useBoard } from './use-board.ts';

export interface Court extends Board {
  /** undefined: not known yet. */
  readonly pin: PinOutcome | undefined;
}

const ASK_AGAIN_MS = 2000;

export function useCourt(pin: string): Court {
  const outcome = usePinLookup(pin);
  const known = outcome?.kind === 'found';
  const board = useBoard({
    channel: known ? `court:${pin}` : undefined,
    path: `/api/court/${encodeURIComponent(pin)}`,
  });
  return {
    ...board,
    // Before its court is known the page has asked for no stream, and still is on its way to one.
    connection: board.connection.status === 'idle' ? connectionBefore(outcome) : board.connection,
    // The stream says later that the PIN was changed.
    pin: board.refused === undefined ? outcome : { kind: 'unknown' },
  };
}

function connectionBefore(outcome: PinOutcome | undefined): ConnectionState {
  if (outcome?.kind !== 'unreachable') return { status: 'connecting' };
  return { status: 'reconnecting', reason: { code: 'NETWORK', message: '' } };
}

/** Asks until there is an answer: a server that is starting must not turn a good PIN into a wrong one. */
function usePinLookup(pin: string): PinOutcome | undefined {
  const [outcome, setOutcome] = useState<PinOutcome>();
  useEffect(() => {
    let stopped = false;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const ask = async (): Promise<void> => {
      const found = await lookUpPin(pin);
      if (stopped) return;
      setOutcome(found);
      const wait = found.kind === 'limited' ? found.seconds * 1000 : ASK_AGAIN_MS;
      if (found.kind === 'limited' || found.kind === 'unreachable') timer = setTimeout(() => void ask(), wait);
    };
    setOutcome(undefined);
    void ask();
    return () => {
      stopped = true;
      clearTimeout(timer);
    };
  }, [pin]);
  return outcome;
}
