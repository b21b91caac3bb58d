/** What does not compile: each line under `@ts-expect-error` is a mistake that the channel map catches before it runs. */
import type { ChannelNames, ShapeOf } from '@fanfare/protocol';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { z } from 'zod';
import { createFanfare, log, memory, publicChannels, type ShapesOf, signal, state, type } from '../../src/index.ts';

const Snapshot = z.object({ score: z.tuple([z.number(), z.number()]), server: z.literal([0, 1]).default(0) });

const channels = {
  ...publicChannels(),
  'court:{pin}': state({ schema: Snapshot, minIntervalMs: 50, maxSubscribers: 1000 }),
  'inbox:{user}': log({
    events: { notification: type<{ title: string }>(), unread: type<{ count: number }>() },
    keep: { days: 90 },
  }),
  'typing:{room}': signal({ events: { typing: type<{ who: string }>() } }),
};

type Shapes = ShapesOf<typeof channels>;

const live = createFanfare({ engine: memory(), channels });

/** Compiled, never run: the mistakes are for the compiler. */
function mistakes(): void {
  // @ts-expect-error: no pattern matches this name
  live.channel('cort:1');
  // @ts-expect-error: a capture is one segment, at run time too: CHANNEL_UNKNOWN
  live.channel('court:1:2');
  // @ts-expect-error: a segment too many after what is only known as a string
  live.channel(`inbox:${String('7')}:late`);
  // @ts-expect-error: the event is not declared
  void live.channel('inbox:7').publish('notificaton', { title: 'a' });
  // @ts-expect-error: the payload is of the other event
  void live.channel('inbox:7').publish('notification', { count: 1 });
  // @ts-expect-error: a field is missing
  void live.channel('inbox:7').publish('unread', {});
  // @ts-expect-error: a state channel is set, not published to
  void live.channel('court:1').publish('state', { score: [0, 0] });
  // @ts-expect-error: a log channel is published to, not set
  void live.channel('inbox:7').set({ title: 'a' });
  // @ts-expect-error: the value does not fit the schema
  void live.channel('court:1').set({ score: [0] });
  // @ts-expect-error: a signal has no history
  void live.channel('typing:a').history();
  // @ts-expect-error: a signal channel declares its events too
  void live.channel('typing:a').publish('typed', { who: 'b' });
  void live.transaction((tx) => {
    // @ts-expect-error: the wrong payload inside a transaction
    tx.channel('inbox:7').publish('unread', { count: 'many' });
    // @ts-expect-error: a segment too many inside a transaction
    tx.channel('court:1:2');
    // @ts-expect-error: a signal is never part of a transaction
    tx.channel('typing:a').publish('typing', { who: 'b' });
  });
  // @ts-expect-error: reserved words are for the run time, but an option that does not exist is caught here
  log({ retain: 5 });
  // @ts-expect-error: an access decision needs a status that a client understands
  log({ access: () => ({ allow: false, status: 418, code: 'TEAPOT' }) });
}

/** What a client or a hook makes of the shapes: a listener per declared event. */
function on<N extends ChannelNames<Shapes>, S extends ShapeOf<Shapes, N>>(
  _name: N,
  _event: S extends { readonly events: infer E } ? keyof E & string : 'state',
): void {}

function clientMistakes(): void {
  on('inbox:7', 'unread');
  on('court:1', 'state');
  // @ts-expect-error: a listener for an event that the channel does not declare
  on('inbox:7', 'red');
  // @ts-expect-error: a state channel has the one event `state`
  on('court:1', 'update');
}

describe('the channel map as types', () => {
  it('compiles with exactly the mistakes it is expected to catch', () => {
    expect(mistakes).toBeTypeOf('function');
    expect(clientMistakes).toBeTypeOf('function');
  });

  it('takes the input of a schema and hands out its output', () => {
    const court = live.channel('court:1');

    expectTypeOf(court.set).parameter(0).toEqualTypeOf<z.input<typeof Snapshot>>();
    expectTypeOf(court.get).returns.resolves.toEqualTypeOf<z.output<typeof Snapshot> | undefined>();
  });

  it('gives client and hooks the payload by event', () => {
    expectTypeOf<ShapeOf<Shapes, 'inbox:7'>['events']>().toEqualTypeOf<{
      readonly notification: { title: string };
      readonly unread: { count: number };
    }>();
    expectTypeOf<ShapeOf<Shapes, 'court:9'>['value']>().toEqualTypeOf<z.output<typeof Snapshot>>();
  });

  it('takes names that are only known in part, and tells patterns of one beginning apart', () => {
    const deep = createFanfare({
      engine: memory(),
      channels: {
        'court:{pin}': state({ schema: Snapshot }),
        'court:{pin}:log': log({ events: { tap: type<number>() } }),
      },
    });
    const pin: string = '1234';

    expectTypeOf(deep.channel(`court:${pin}`)).toHaveProperty('set');
    expectTypeOf(deep.channel(`court:${1234}`)).toHaveProperty('set');
    expectTypeOf(deep.channel('court:1:log')).toHaveProperty('publish');
    expectTypeOf(deep.channel('court:1:log')).not.toHaveProperty('set');
    expectTypeOf(deep.channel(`court:${pin}:log`)).toHaveProperty('publish');
  });

  it('leaves the public channels open to any event', () => {
    expectTypeOf(live.channel('public:hello').publish).parameter(0).toEqualTypeOf<string>();
    expectTypeOf(live.channel('public:hello').publish).parameter(1).toEqualTypeOf<unknown>();
  });
});
