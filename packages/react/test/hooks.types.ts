/** Compiled, never run: what the hooks of a channel map accept and refuse. An accepted mistake fails the build. */
import type { Client, ConnectionState } from '@fanfare/client';
import {
  createHooks,
  type PublishOutcome,
  useChannel as useAnyChannel,
  useEvent as useAnyEvent,
  usePublish as useAnyPublish,
} from '../src/index.ts';
import type { Shapes } from './live-server.ts';

const { useChannel, useClient, useConnectionState, useEvent, useLoss, usePublish } = createHooks<Shapes>();

export function useEverythingRight(
  room?: 'chat:lobby',
): readonly [number | undefined, ReadonlyMap<string, { points: number }>] {
  const { value, values } = useChannel('court:1234', { everyMs: 80 });
  useChannel(undefined);
  // A log channel has a subscription to show, and no value.
  useChannel('chat:lobby').subscription.status satisfies string;
  useEvent('chat:lobby', 'said', (text) => text.toUpperCase());
  useEvent('chat:lobby', 'left', ({ who }) => who.length);
  useEvent('typing:lobby', 'typing', (who, { event }) => `${who} ${event}`);
  useEvent(room, 'said', (text) => text.length);
  useLoss('chat:lobby', ({ cause }) => cause);
  useClient() satisfies Client<Shapes>;
  useConnectionState() satisfies ConnectionState;
  return [value?.points, values];
}

export function usePublishRight(): readonly Promise<PublishOutcome>[] {
  const chat = usePublish('chat:lobby');
  const court = usePublish('court:1234');
  chat.pending satisfies boolean;
  chat.error?.code satisfies string | undefined;
  return [
    chat.publish('said', 'hello'),
    chat.publish('left', { who: 'x' }, { idempotencyKey: 'left-1', timeoutMs: 5000 }),
    usePublish('typing:lobby').publish('typing', 'x'),
    court.set({ points: 3 }),
    court.set({ points: 3 }, { key: 'a' }),
  ];
}

/** Without a map every name and event is allowed, and what comes is unknown. */
export function useAnything(): unknown {
  useAnyEvent('whatever:1', 'happened', (data: unknown) => data);
  const { publish, set } = useAnyPublish('whatever:1');
  void publish('happened', { any: 'thing' });
  void set(7);
  return useAnyChannel('whatever:1').value satisfies unknown;
}

export function useEverythingWrong(): void {
  // @ts-expect-error the map has no such channel
  useChannel('board:1');
  // @ts-expect-error a log channel has no value
  useChannel('chat:lobby').value;
  // @ts-expect-error the value has no such field
  useChannel('court:1').value?.score;
  // @ts-expect-error the channel has no such event
  useEvent('chat:lobby', 'sang', () => undefined);
  // @ts-expect-error a state channel has no events of its own
  useEvent('court:1', 'said', () => undefined);
  // @ts-expect-error the payload is text, not a number
  useEvent('chat:lobby', 'said', (text: number) => text);
  // @ts-expect-error the map has no such channel
  useLoss('nothing', () => undefined);
}

export function usePublishWrong(): void {
  // @ts-expect-error the map has no such channel
  usePublish('board:1');
  // @ts-expect-error a state channel is set
  void usePublish('court:1').publish('state', { points: 1 });
  // @ts-expect-error a log channel is published on
  void usePublish('chat:lobby').set('hello');
  // @ts-expect-error the value has another shape
  void usePublish('court:1').set({ points: 'three' });
  // @ts-expect-error the channel has no such event
  void usePublish('chat:lobby').publish('sang', 'la');
  // @ts-expect-error the payload has another shape
  void usePublish('chat:lobby').publish('left', { name: 'x' });
}
