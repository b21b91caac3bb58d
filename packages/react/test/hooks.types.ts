/** Compiled, never run: what the hooks of a channel map accept and refuse. An accepted mistake fails the build. */
import { createHooks } from '../src/index.ts';
import type { Shapes } from './live-server.ts';

const { useChannelEvents, useChannelLoss, useChannelState } = createHooks<Shapes>();

export function useEverythingRight(): readonly [number | undefined, ReadonlyMap<string, { points: number }>] {
  const { value, values } = useChannelState('court:1234', { everyMs: 80 });
  useChannelState(undefined);
  useChannelEvents('chat:lobby', 'said', (text) => text.toUpperCase());
  useChannelEvents('chat:lobby', 'left', ({ who }) => who.length);
  useChannelEvents('typing:lobby', 'typing', (who, { event }) => `${who} ${event}`);
  useChannelLoss('chat:lobby', ({ cause }) => cause);
  return [value?.points, values];
}

export function useEverythingWrong(): void {
  // @ts-expect-error the map has no such channel
  useChannelState('board:1');
  // @ts-expect-error a log channel has no value
  useChannelState('chat:lobby');
  // @ts-expect-error the value has no such field
  useChannelState('court:1').value?.score;
  // @ts-expect-error the channel has no such event
  useChannelEvents('chat:lobby', 'sang', () => undefined);
  // @ts-expect-error a state channel has no events of its own
  useChannelEvents('court:1', 'said', () => undefined);
  // @ts-expect-error the payload is text, not a number
  useChannelEvents('chat:lobby', 'said', (text: number) => text);
  // @ts-expect-error the map has no such channel
  useChannelLoss('nothing', () => undefined);
}
