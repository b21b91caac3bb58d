/** What the channel hooks stand on: the handle of a name, and the newest handler of a component. */
import type { Client } from '@fanfare/client';
import type { ChannelShapes } from '@fanfare/protocol';
import { useInsertionEffect, useMemo, useRef } from 'react';
import { useNearestClient } from './fanfare-provider.tsx';

export type AnyHandle = ReturnType<Client['channel']>;

/** A handle costs nothing until something listens through it: a render that is thrown away leaves nothing behind. */
export function useHandle(name: string | undefined): AnyHandle | undefined {
  const client = useNearestClient<ChannelShapes>();
  return useMemo(() => (name === undefined ? undefined : client.channel(name)), [client, name]);
}

/** The handler of the last render, without listening anew at every render. */
export function useNewest<T>(value: T): { readonly current: T } {
  const newest = useRef(value);
  // The earliest effect of a commit, and the one that neither a server nor a hiding Suspense boundary minds.
  useInsertionEffect(() => {
    newest.current = value;
  });
  return newest;
}
