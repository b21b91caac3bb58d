/** What must not compile, and what a handle knows about its payloads. `tsc -b` is the check; what runs here only proves that it is read. */
import { describe, expect, it } from 'vitest';
import type { Client, StateSnapshot } from '../src/index.ts';
import { createClient, throttleLatest } from '../src/index.ts';
import type { Shapes } from './client-harness.ts';

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
function holds<T extends true>(): T | undefined {
  return undefined;
}

/** Never called: it is compiled, and that is all. */
export function typesOf(client: Client<Shapes>): void {
  const board = client.channel('board:1');
  holds<Same<typeof board.value, { score: number } | undefined>>();
  holds<Same<typeof board.values, ReadonlyMap<string, { score: number }>>>();
  holds<Same<ReturnType<typeof board.getSnapshot>, StateSnapshot<{ score: number }>>>();
  board.on('state', ({ score }) => score.toFixed());
  board.on(
    'state',
    throttleLatest(80, (value: { score: number }) => value.score),
  );

  const list = client.channel(`log:${'anything'}`);
  list.on('added', (data, { position, event }) => [data.toFixed(), position?.length, event]);
  list.on('removed', async ({ id }) => id);

  // @ts-expect-error no pattern has this name: an unknown channel
  client.channel('lgo:a');
  // @ts-expect-error a capture is one segment: at run time this is CHANNEL_UNKNOWN
  client.channel('log:a:b');
  // @ts-expect-error an event that the channel does not declare (what all five got wrong, 11)
  list.on('update', () => undefined);
  // @ts-expect-error wrong payload: `added` carries a number
  list.on('added', (data: string) => data);
  // @ts-expect-error a state channel has one event
  board.on('added', () => undefined);
  // @ts-expect-error a log has no newest value
  list.value;
  const paintNumber = throttleLatest(80, (value: number) => value);
  // @ts-expect-error the value of this state is no number
  board.on('state', paintNumber);
  // @ts-expect-error the connection belongs to the client
  client.connection = { status: 'live' };
}

/** Never called: events of an iteration are told apart by their name. */
export async function typesOfIteration(client: Client<Shapes>): Promise<void> {
  for await (const item of client.channel('log:a')) {
    if (item.event === 'removed') holds<Same<typeof item.data, { id: number }>>();
    else holds<Same<typeof item.data, number>>();
    // @ts-expect-error no such event
    if (item.event === 'update') return;
  }
}

/** Never called: what may be published where, and with which payload. */
export function typesOfPublishing(client: Client<Shapes>): void {
  const board = client.channel('board:1');
  const list = client.channel('log:a');
  void board.set({ score: 1 }, { key: 'home', timeoutMs: 1000, idempotencyKey: 'first' });
  void list.publish('added', 1, { signal: new AbortController().signal });
  void list.publish('removed', { id: 1 }).then(({ position, duplicate, ack }) => {
    holds<Same<typeof position, string | undefined>>();
    holds<Same<typeof duplicate, boolean>>();
    return ack;
  });

  // @ts-expect-error a log channel has events, and no value to set
  void list.set(1);
  // @ts-expect-error an event that the channel does not declare
  void list.publish('update', 1);
  // @ts-expect-error wrong payload: `removed` carries an object
  void list.publish('removed', 1);
  // @ts-expect-error wrong payload: the score is a number
  void board.set({ score: 'one' });
  // @ts-expect-error only states have keys
  void list.publish('added', 1, { key: 'home' });
}

describe('an untyped client', () => {
  it('takes any channel and any event, with payloads that are unknown', () => {
    const client = createClient({ url: 'http://live.test' });
    const channel = client.channel('anything');
    // @ts-expect-error nothing is known about the payload
    const handler = (): void => channel.on('event', (data) => data.id)();

    expect(channel.value).toBeUndefined();
    expect(handler).toBeTypeOf('function');
  });
});
