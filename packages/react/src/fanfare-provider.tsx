/** Hands one client to every component below. */
import type { Client } from '@fanfare/client';
import type { ChannelShapes } from '@fanfare/protocol';
import { type Context, createContext, type ReactElement, type ReactNode, useContext } from 'react';

// One context whatever the channel map: a context cannot be generic, the hooks of `createHooks` restore the types.
const ClientContext: Context<unknown> = createContext<unknown>(undefined);

/** Of `<FanfareProvider>`. */
export interface FanfareProviderProps<S extends ChannelShapes> {
  /** Made once, outside of components; whoever made it closes it. */
  readonly client: Client<S>;
  readonly children: ReactNode;
}

/** Connects nothing by itself: a component below that follows a channel does. */
export function FanfareProvider<S extends ChannelShapes>({ client, children }: FanfareProviderProps<S>): ReactElement {
  return <ClientContext.Provider value={client}>{children}</ClientContext.Provider>;
}

/** The nearest client. Throws where there is none: a page without its provider is a programmer's mistake. */
export function useNearestClient<S extends ChannelShapes>(): Client<S> {
  const client = useContext(ClientContext);
  if (client === undefined) throw new Error('useClient: no <FanfareProvider client={...}> above this component');
  return client as Client<S>;
}
