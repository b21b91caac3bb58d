/** A tab whose relay is played by the test. */
import type { ServerFrame } from '@fanfare/protocol';
import { describe, expect, it } from 'vitest';
import type { FromTab, Tagged, ToTab } from '../../src/tabs/messages.ts';
import type { OpenWay } from '../../src/tabs/way.ts';
import { type TabClient, tabClient } from './tab-client.ts';
import { Page, World } from './tab-world.ts';

interface Relay {
  readonly way: OpenWay;
  /** What the tab says. */
  readonly heard: FromTab[];
  say(...messages: readonly ToTab[]): void;
  /** What it does when it is pinged. @default answers */
  pinged: () => void;
}

function playRelay(page: Page): Relay {
  const heard: FromTab[] = [];
  let tell: (message: unknown) => void = () => undefined;
  const played: Relay = {
    heard,
    pinged: () => page.enqueue(() => tell(['pong'])),
    say: (...messages) => {
      for (const message of messages) page.enqueue(() => tell(message));
    },
    way: (_group, host) => ({
      connect: (hear) => {
        tell = hear;
        const postMessage = (message: FromTab): void => {
          if (message[0] === 'ping') played.pinged();
          else heard.push(message);
        };
        return Promise.resolve({ postMessage, close: () => undefined });
      },
      unanswered: () => host.failed(),
      leave: () => undefined,
    }),
  };
  return played;
}

async function joined(): Promise<{
  readonly relay: Relay;
  readonly world: World;
  readonly tab: TabClient;
  readonly got: unknown[];
}> {
  const world = new World();
  const page = new Page(world, 'p');
  const played = playRelay(page);
  const tab = tabClient(page, { user: 'u', ways: [played.way] });
  const got: unknown[] = [];
  listen(tab, got);
  await world.settle();
  played.say(['state', { status: 'live', transport: 'ws' }]);
  await world.settle();
  return { relay: played, world, tab, got };
}

function listen({ client }: TabClient, got: unknown[]): () => void {
  const channel = client.channel('log:a');
  const offs = [channel.on('added', (data) => got.push(data)), channel.onLost(() => got.push('lost'))];
  return () => {
    for (const off of offs) off();
  };
}

function tagged(frame: ServerFrame, tag = 0): Tagged {
  return [tag, JSON.stringify(frame)];
}

const event = (offset: number): ServerFrame => ({
  type: 'event',
  channel: 'log:a',
  event: 'added',
  data: offset,
  position: `e.${offset.toString(36)}`,
});
const subscribed = (position: string, recovered?: boolean): ServerFrame => ({
  type: 'subscribed',
  channel: 'log:a',
  kind: 'log',
  position,
  ...(recovered !== undefined && { recovered }),
});

describe('a tab', () => {
  it('says what it wants, by numbers, and hears only the answer to its last want', async () => {
    const {
      world,
      tab,
      got,
      relay: { heard, say },
    } = await joined();
    expect(heard[0]).toEqual(['want', [[1, 'log:a', undefined]], false, 3, undefined]);
    say(['frames', [tagged(subscribed('e.5'), 1), tagged(event(6), 1)]]);
    await world.settle();
    // The channel is left and joined again; what the relay says of the first want is on its way still.
    const off = listen(tab, got);
    tab.client.close();
    off();
    await world.settle();
    const again: unknown[] = [];
    listen(tab, again);
    await world.settle();
    const want = heard.filter(([kind]) => kind === 'want').at(-1);
    expect(want).toEqual(['want', [[2, 'log:a', undefined]], false, 3, undefined]);
    say(
      ['frames', [tagged(event(7), 1)]],
      ['frames', [tagged(subscribed('e.9', false), 1), tagged(event(10), 1)]],
      ['frames', [tagged(subscribed('e.c'), 2), tagged(event(13), 2)]],
    );
    await world.settle();

    expect(got).toEqual([6]);
    expect(again).toEqual([13]);
  });

  it('asks anew for its channels when an event is missing, and hears nothing of them until it is answered', async () => {
    const {
      world,
      got,
      relay: { heard, say },
    } = await joined();
    say(['frames', [tagged(subscribed('e.5'), 1), tagged(event(6), 1), tagged(event(8), 1)]]);
    say(['frames', [tagged(event(9), 1)]]);
    await world.settle();
    expect(heard.at(-1)).toEqual(['want', [[2, 'log:a', 'e.6']], false, 3, undefined]);
    say(['frames', [subscribed('e.6', true)].map((frame) => tagged(frame, 2))]);
    say(['frames', [event(7), event(8), event(9)].map((frame) => tagged(frame, 2))]);
    await world.settle();

    expect(got).toEqual([6, 7, 8, 9]);
  });

  it('that a relay of another version does not answer tries the next way; that one has no room for goes alone', async () => {
    for (const [answer, alone] of [
      [[], false],
      [[['state', { status: 'live' }], ['own']], true],
    ] as const) {
      const world = new World();
      const page = new Page(world, 'p');
      const [first, second] = [playRelay(page), playRelay(page)];
      first.pinged = () => undefined;
      const tab = tabClient(page, { user: 'u', ways: [first.way, second.way] });
      listen(tab, []);
      await world.settle();
      first.say(...answer);
      await world.advance(2000);

      expect(tab.own() !== undefined).toBe(alone);
      expect(second.heard.length > 0).toBe(!alone);
    }
  });

  it('stays for a while when nothing is wanted, and is idle at once', async () => {
    const {
      world,
      tab,
      relay: { heard },
    } = await joined();
    tab.client.close();
    await world.advance(1000);
    expect(tab.client.connection.status).toBe('idle');
    expect(heard.at(-1)).not.toEqual(['bye']);
    listen(tab, []);
    await world.settle();
    expect(tab.client.connection.status).toBe('live');
    tab.client.close();
    await world.advance(6000);

    expect(heard.at(-1)).toEqual(['bye']);
    expect(tab.page.listeners).toBe(0);
  });

  it('publishes only while there is a connection, and again after it was away', async () => {
    const {
      world,
      tab,
      relay: { heard, say },
    } = await joined();
    say(['state', { status: 'reconnecting' }]);
    await world.settle();
    const receipt = tab.client.channel('log:a').publish('added', 1);
    await world.settle();
    const said = (): readonly FromTab[] => heard.filter(([kind]) => kind === 'do');
    expect(said()).toEqual([]);
    say(['state', { status: 'live', transport: 'ws' }]);
    await world.settle();
    say(['state', { status: 'reconnecting' }], ['state', { status: 'live', transport: 'ws' }]);
    await world.settle();
    expect(said().length).toBe(2);
    expect(said()[0]).toEqual(said()[1]);
    say(['frames', [tagged({ type: 'published', id: 1, duplicate: true, ack: 'committed' })]]);
    await world.settle();

    expect(await receipt).toEqual({ duplicate: true, ack: 'committed' });
  });

  it('that was busy when the answer came looks for it before it says that there is none', async () => {
    const { world, tab, relay } = await joined();
    const { page } = tab;
    relay.pinged = () => {
      page.isFrozen = true;
    };
    await world.advance(5000);
    // The page's own timer comes before the answer that waited.
    expect(page.tasks.length).toBe(1);
    relay.say(['pong']);
    page.isFrozen = false;
    relay.pinged = () => relay.say(['pong']);
    await world.advance(5000);

    expect(relay.heard.filter(([kind]) => kind === 'want').length).toBe(1);
  });

  it('says that it has read what came before a question', async () => {
    const {
      world,
      got,
      relay: { heard, say },
    } = await joined();
    say(['frames', [tagged(subscribed('e.5'), 1), tagged(event(6), 1)]], ['ping']);
    await world.settle();

    expect(got).toEqual([6]);
    expect(heard.at(-1)).toEqual(['ack']);
  });

  it('whose relay answers nothing says hello anew, as to a worker that was started again, before the way is given up', async () => {
    const {
      world,
      tab,
      got,
      relay,
      relay: { heard, say },
    } = await joined();
    say(['frames', [tagged(subscribed('e.5'), 1), tagged(event(6), 1)]]);
    relay.pinged = () => undefined;
    await world.advance(2500);
    expect(heard.filter(([kind]) => kind === 'want').at(-1)).toEqual([
      'want',
      [[2, 'log:a', 'e.6']],
      false,
      3,
      undefined,
    ]);
    relay.pinged = () => say(['pong']);
    say(
      ['state', { status: 'live', transport: 'ws' }],
      ['frames', [tagged(subscribed('e.6', true), 2), tagged(event(7), 2)]],
    );
    await world.advance(10_000);

    expect(got).toEqual([6, 7]);
    expect(tab.own()).toBeUndefined();
    expect(tab.client.connection.status).toBe('live');
  });

  it('shows that the connection moves, once it had one; what it shows before is a beginning', async () => {
    const {
      world,
      tab,
      relay: { say },
    } = await joined();
    const seen: unknown[] = [];
    tab.client.onConnection(({ status, reason }) => seen.push(reason?.code ?? status));
    say(['gone'], ['state', { status: 'connecting' }], ['state', { status: 'live', transport: 'ws' }]);
    await world.settle();
    tab.client.close();
    await world.advance(6000);
    listen(tab, []);
    await world.settle();
    say(['state', { status: 'failed', reason: { code: 'NO', message: 'no' } }], ['gone']);
    await world.settle();

    expect(seen).toEqual(['TAB_MOVED', 'live', 'idle', 'connecting', 'NO', 'connecting']);
  });

  it('passes on what its client is told of channels and frames', async () => {
    const {
      world,
      tab,
      relay: { say },
    } = await joined();
    const refusal: ServerFrame = { type: 'error', channel: 'log:a', code: 'FORBIDDEN', message: 'no', retry: false };
    say(['unreadable', 'no JSON'], ['frames', [tagged(refusal, 1)]]);
    await world.settle();

    expect(tab.errors.map(({ code }) => code)).toEqual(['FRAME_INVALID', 'FORBIDDEN']);
    expect(tab.client.connection).toMatchObject({ status: 'failed', reason: { code: 'FORBIDDEN' } });
  });
});
