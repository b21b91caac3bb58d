/** Hooks that know an application's channels: a wrong name, event or payload does not compile. */
import { type Client, type EventMeta, type Loss, type StateSnapshot, throttleLatest } from '@fanfare/client';
import type { ChannelShapes } from '@fanfare/protocol';
import { useCallback, useEffect, useLayoutEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import type { EventNames, EventsOf, StateNames, ValueOf } from './channel-types.ts';
import { useNearestClient } from './fanfare-provider.tsx';

export interface ChannelStateOptions {
  /** Renders at most once per so many milliseconds, and always the last value. @default 0, every value */
  readonly everyMs?: number;
}

export interface Hooks<S extends ChannelShapes> {
  /** The nearest provider's client. */
  useClient(): Client<S>;
  /**
   * The newest value of a state channel (`values`: of every key), and how the subscription stands. Follows the channel
   * while the component is mounted; components that follow one channel share its subscription. `undefined` follows nothing.
   */
  useChannelState<N extends StateNames<S>>(
    name: N | undefined,
    options?: ChannelStateOptions,
  ): StateSnapshot<ValueOf<S, N>>;
  /** Calls the newest handler for every event of that name, in order, while the component is mounted. */
  useChannelEvents<N extends EventNames<S>, E extends keyof EventsOf<S, N> & string>(
    name: N | undefined,
    event: E,
    handler: (data: EventsOf<S, N>[E], meta: EventMeta) => void,
  ): void;
  /** Calls the handler when events of the channel are missing for good: read the whole again. */
  useChannelLoss<N extends EventNames<S> | StateNames<S>>(name: N | undefined, handler: (loss: Loss) => void): void;
}

/** `const { useChannelState } = createHooks<ScoreboardShapes>()`, once per application, outside of components. */
export function createHooks<S extends ChannelShapes>(): Hooks<S>;
export function createHooks(): unknown {
  // The shapes exist only as types: every application gets the same hooks.
  return HOOKS;
}

const NOTHING: StateSnapshot<unknown> = { subscription: { status: 'closed' }, value: undefined, values: new Map() };

const HOOKS = {
  useClient: useNearestClient,
  useChannelState,
  useChannelEvents,
  useChannelLoss,
};

function useChannelState(name: string | undefined, options: ChannelStateOptions = {}): StateSnapshot<unknown> {
  const { everyMs = 0 } = options;
  const handle = useHandle(name);
  const subscribe = useCallback(
    (listener: () => void): (() => void) => {
      if (handle === undefined) return nothingToEnd;
      if (everyMs === 0) return handle.subscribe(listener);
      const throttled = throttleLatest(everyMs, listener);
      const off = handle.subscribe(() => throttled(undefined));
      return () => {
        throttled.cancel();
        off();
      };
    },
    [handle, everyMs],
  );
  const snapshot = (): StateSnapshot<unknown> => handle?.getSnapshot() ?? NOTHING;
  return useSyncExternalStore(subscribe, snapshot, () => NOTHING);
}

function useChannelEvents(
  name: string | undefined,
  event: string,
  handler: (data: unknown, meta: EventMeta) => void,
): void {
  const handle = useHandle(name);
  const newest = useNewest(handler);
  useEffect(() => handle?.on(event, (data, meta) => newest.current(data, meta)), [handle, event, newest]);
}

function useChannelLoss(name: string | undefined, handler: (loss: Loss) => void): void {
  const handle = useHandle(name);
  const newest = useNewest(handler);
  useEffect(() => handle?.onLost((loss) => newest.current(loss)), [handle, newest]);
}

function useHandle(name: string | undefined): ReturnType<Client['channel']> | undefined {
  const client = useNearestClient<ChannelShapes>();
  return useMemo(() => (name === undefined ? undefined : client.channel(name)), [client, name]);
}

/** The handler of the last render, without listening anew at every render. */
function useNewest<T>(value: T): { readonly current: T } {
  const newest = useRef(value);
  useLayoutEffect(() => {
    newest.current = value;
  });
  return newest;
}

function nothingToEnd(): void {
  // Nothing was begun.
}
