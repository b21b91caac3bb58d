/** Events of a channel, and the news that some are gone for good, as calls of a component's newest handler. */
import type { EventMeta, Loss } from '@fanfare/client';
import { useEffect } from 'react';
import { useHandle, useNewest } from './use-handle.ts';

export function useAnyEvent(
  name: string | undefined,
  event: string,
  handler: (data: unknown, meta: EventMeta) => void,
): void {
  const handle = useHandle(name);
  const newest = useNewest(handler);
  useEffect(() => handle?.on(event, (data, meta) => newest.current(data, meta)), [handle, event, newest]);
}

export function useAnyLoss(name: string | undefined, handler: (loss: Loss) => void): void {
  const handle = useHandle(name);
  const newest = useNewest(handler);
  useEffect(() => handle?.onLost((loss) => newest.current(loss)), [handle, newest]);
}
