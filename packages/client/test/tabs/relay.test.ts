/** Tabs of one user in one browser: one connection, and to each tab it is as if it had its own. */
import { describe, expect, it } from 'vitest';
import { HERE } from '../../src/here.ts';
import type { Link } from '../../src/link.ts';
import { loadedWay } from '../../src/tabs/loaded-way.ts';
import { type ToTab, VERSION } from '../../src/tabs/messages.ts';
import { TabRelay } from '../../src/tabs/tab-relay.ts';
import { byElection, byWorker, type TabClient, type TabClientOptions, tabClient } from './tab-client.ts';
import { Page, World } from './tab-world.ts';

interface Setting {
  readonly world: World;
  /** Opens another tab. */
  open(options?: TabClientOptions): TabClient;
}

function byLeader(): Setting {
  const world = new World();
  return { world, open: (options) => tabClient(new Page(world, `p${world.pages.length}`), { user: 'u', ...options }) };
}

function byOneWorker(): Setting {
  const world = new World();
  const worker = new Page(world, 'worker');
  return {
    world,
    open: (options) => {
      const page = new Page(world, `p${world.pages.length}`);
      return tabClient(page, { user: 'u', ways: [byWorker(page, worker)], ...options });
    },
  };
}

/** What a handler got, and 'lost'. */
function collect({ client }: TabClient, channel = 'log:a', after?: string): unknown[] {
  const got: unknown[] = [];
  const handle = client.channel(channel, { after });
  handle.on('added', (data) => got.push(data));
  handle.on('state', (data) => got.push(data));
  handle.onLost(({ cause }) => got.push(`lost: ${cause}`));
  return got;
}

function statuses({ client }: TabClient): string[] {
  const seen: string[] = [];
  client.onConnection(({ status }) => seen.push(status));
  return seen;
}

describe.each([
  // By the lock that it held; a worker has to wait for its silence.
  ['where a tab leads', byLeader, 100],
  ['where a worker holds the connection', byOneWorker, 60_000],
] as const)('tabs of one user, %s,', (_, setting, deathNoticedMs) => {
  it('share one connection, and all of them are live', async () => {
    const { world, open } = setting();
    const tabs = Array.from({ length: 8 }, () => open());
    const got = tabs.map((tab) => collect(tab));
    await world.advance(100);
    world.server.publish('log:a', 1);
    await world.settle();

    expect(world.server.connections.size).toBe(1);
    expect(tabs.map(({ client }) => client.connection)).toEqual(tabs.map(() => ({ status: 'live', transport: 'ws' })));
    expect(got).toEqual(tabs.map(() => [1]));
    expect(tabs.flatMap(({ errors }) => errors)).toEqual([]);
  });

  it('hear what becomes of the connection', async () => {
    const { world, open } = setting();
    const tabs = [open(), open()];
    for (const tab of tabs) collect(tab);
    await world.advance(100);
    const seen = tabs.map(statuses);
    world.server.isDown = true;
    world.server.cutAll();
    await world.advance(1200);
    world.server.isDown = false;
    await world.advance(1200);

    for (const states of seen) {
      expect(states[0]).toBe('reconnecting');
      expect(states.at(-1)).toBe('live');
    }
  });

  it('that learn of the network tell all of them', async () => {
    const { world, open } = setting();
    const tabs = [open(), open()];
    for (const tab of tabs) collect(tab);
    await world.advance(100);
    tabs[1]?.page.signal('offline');
    await world.settle();
    expect(tabs.map(({ client }) => client.connection.status)).toEqual(['offline', 'offline']);
    tabs[0]?.page.signal('online');
    await world.settle();

    expect(tabs.map(({ client }) => client.connection.status)).toEqual(['live', 'live']);
  });

  it('join a log that is followed already without asking the server', async () => {
    const { world, open } = setting();
    collect(open());
    await world.advance(100);
    world.server.publish('log:a', 1);
    await world.advance(100);
    const late = open();
    const got = collect(late);
    await world.advance(100);
    const asks = [...world.server.asks];
    world.server.publish('log:a', 2);
    await world.settle();

    expect(asks).toEqual(['log:a -']);
    expect(late.client.channel('log:a').getSnapshot().subscription).toEqual({ status: 'subscribed', recovered: false });
    expect(got).toEqual([2]);
  });

  it('join a state with all of its values, though others have them already', async () => {
    const { world, open } = setting();
    world.server.publish('board:a', 1, 'x');
    world.server.publish('board:a', 2, 'y');
    const early = collect(open(), 'board:a');
    await world.advance(100);
    world.server.publish('board:a', 3, 'x');
    await world.settle();
    const late = collect(open(), 'board:a');
    await world.advance(100);

    expect(early).toEqual([1, 2, 3]);
    expect(late).toEqual([2, 3]);
  });

  it('read on from a position that is older than what the others had, who notice nothing of it', async () => {
    const { world, open } = setting();
    for (let event = 1; event <= 5; event += 1) world.server.publish('log:a', event);
    const early = collect(open());
    await world.advance(100);
    world.server.publish('log:a', 6);
    await world.advance(100);
    const late = open();
    const got = collect(late, 'log:a', 'e1.2');
    await world.advance(100);
    world.server.publish('log:a', 7);
    await world.settle();

    expect(got).toEqual([3, 4, 5, 6, 7]);
    expect(early).toEqual([6, 7]);
    expect(late.client.channel('log:a').getSnapshot().subscription).toEqual({ status: 'subscribed', recovered: true });
  });

  it('are not told of a loss that is another tab’s', async () => {
    const { world, open } = setting();
    for (let event = 1; event <= 5; event += 1) world.server.publish('log:a', event);
    world.server.trim('log:a', 2);
    const early = collect(open());
    await world.advance(100);
    const late = collect(open(), 'log:a', 'e1.1');
    const kept = collect(open(), 'log:a', 'e1.4');
    await world.advance(100);
    world.server.publish('log:a', 6);
    await world.settle();

    expect(early).toEqual([6]);
    expect(late).toEqual(['lost: trimmed', 6]);
    expect(kept).toEqual([5, 6]);
  });

  it('are all told of a loss that is theirs, each once', async () => {
    const { world, open } = setting();
    const got = [collect(open()), collect(open())];
    await world.advance(100);
    world.server.publish('log:a', 1);
    await world.advance(100);
    world.server.newEpoch();
    world.server.publish('log:a', 2);
    await world.advance(1000);
    world.server.publish('log:a', 3);
    await world.settle();

    expect(got).toEqual([
      [1, 'lost: epoch', 3],
      [1, 'lost: epoch', 3],
    ]);
  });

  it('have subscriptions of their own: what the last one gives up is given up', async () => {
    const { world, open } = setting();
    const [one, other] = [open(), open()];
    collect(one, 'log:one');
    const off = other.client.channel('log:other').on('added', () => undefined);
    await world.advance(100);
    const before = [...world.server.connections].flatMap(({ subscribed }) => [...subscribed]);
    off();
    await world.advance(100);
    const after = [...world.server.connections].flatMap(({ subscribed }) => [...subscribed]);

    expect(before.sort()).toEqual(['log:one', 'log:other']);
    expect(after).toEqual(['log:one']);
    expect(other.client.connection.status).toBe('idle');
  });

  it('publish over the one connection, and each gets its own answers', async () => {
    const { world, open } = setting();
    const tabs = [open(), open(), open()];
    const got = collect(tabs[0] ?? open());
    await world.advance(100);
    const answers = Promise.all(tabs.map(({ client }, index) => client.channel('log:a').publish('added', index)));
    const refused = tabs[1]?.client
      .channel('log:a')
      .publish('refused', 'x')
      .catch((error: unknown) => `${error}`);
    await world.advance(100);

    expect(await answers).toEqual(tabs.map(() => ({ duplicate: false, ack: 'committed' })));
    expect(await refused).toContain('no');
    expect([...got].sort()).toEqual([0, 1, 2]);
    expect(world.server.connections.size).toBe(1);
  });

  it('end their connection when nobody wants anything, and begin anew', async () => {
    const { world, open } = setting();
    const tabs = [open(), open()];
    for (const tab of tabs) collect(tab);
    await world.advance(100);
    for (const { client } of tabs) client.close();
    await world.advance(60_000);
    expect(world.server.connections.size).toBe(0);
    expect(world.locks.names).toEqual([]);
    expect(world.ends.size).toBe(0);
    expect(tabs.map(({ page }) => page.listeners)).toEqual([0, 0]);

    const got = tabs.map((tab) => collect(tab));
    await world.advance(100);
    world.server.publish('log:a', 1);
    await world.settle();
    expect(got).toEqual([[1], [1]]);
    expect(world.server.connections.size).toBe(1);
  });

  it('of different users have connections of their own', async () => {
    const { world, open } = setting();
    for (const user of ['u', 'v', 'u', 'v']) collect(open({ user }));
    await world.advance(100);

    expect(world.server.connections.size).toBe(setting === byLeader ? 2 : 1);
  });

  it('that die without a word are noticed, and their channels given up', async () => {
    const { world, open } = setting();
    collect(open(), 'log:one');
    const other = open();
    collect(other, 'log:other');
    await world.advance(100);
    other.page.crash();
    await world.advance(deathNoticedMs);

    expect([...world.server.connections].flatMap(({ subscribed }) => [...subscribed])).toEqual(['log:one']);
  });

  it('that are frozen for long are let go, hold nothing, and miss nothing when they wake', async () => {
    const { world, open } = setting();
    const first = collect(open());
    const sleeper = open();
    const got = collect(sleeper);
    await world.advance(100);
    const own = collect(sleeper, 'log:own');
    await world.advance(100);
    sleeper.page.freeze();
    await world.advance(70_000);
    world.server.publish('log:a', 1);
    await world.advance(5000);
    expect(sleeper.page.tasks.length).toBeLessThan(20);
    expect([...world.server.connections].flatMap(({ subscribed }) => [...subscribed])).toEqual(['log:a']);
    sleeper.page.thaw();
    await world.advance(3000);
    world.server.publish('log:a', 2);
    await world.settle();

    expect(first).toEqual([1, 2]);
    expect(got).toEqual([1, 2]);
    expect(own).toEqual([]);
    expect(sleeper.client.connection.status).toBe('live');
  });

  it('that are too slow are bounded, and catch up', async () => {
    const { world, open } = setting();
    const first = collect(open());
    const slow = open();
    const got = collect(slow);
    await world.advance(100);
    slow.page.freeze();
    const long = 'x'.repeat(100_000);
    for (let event = 0; event < 100; event += 1) {
      world.server.publish('log:a', `${event}${long}`);
      await world.settle();
    }
    // What waits for it: less than half of it all.
    expect(slow.page.tasks.length).toBeLessThan(50);
    slow.page.thaw();
    await world.advance(3000);

    const numbers = (events: readonly unknown[]): readonly number[] =>
      events.map((event) => Number.parseInt(`${event}`, 10));
    expect(numbers(first)).toEqual(Array.from({ length: 100 }, (__, index) => index));
    expect(numbers(got)).toEqual(numbers(first));
  });

  it('that keep up are never let go, however much comes', async () => {
    const { world, open } = setting();
    const tabs = [open(), open()];
    const got = tabs.map((tab) => collect(tab));
    await world.advance(100);
    const seen = tabs.map(statuses);
    for (let event = 0; event < 120; event += 1) {
      world.server.publish('log:a', 'x'.repeat(100_000));
      await world.settle();
    }

    expect(got.map(({ length }) => length)).toEqual([120, 120]);
    expect(seen).toEqual([[], []]);
  });

  it('take a connection of their own when there are too many channels for one', async () => {
    const { world, open } = setting();
    const [one, other] = [open(), open()];
    for (let channel = 0; channel < 100; channel += 1) collect(one, `log:one-${channel}`);
    await world.advance(100);
    const got = Array.from({ length: 100 }, (__, channel) => collect(other, `log:other-${channel}`));
    await world.advance(3000);
    for (let channel = 0; channel < 100; channel += 1) world.server.publish(`log:other-${channel}`, channel);
    await world.settle();

    expect(other.own()).toBeDefined();
    expect(got).toEqual(Array.from({ length: 100 }, (__, channel) => [channel]));
    expect(one.errors.concat(other.errors)).toEqual([]);
  });

  it('are asked for a token, the one that was seen last first, and another where it has none', async () => {
    const { world, open } = setting();
    const asked: string[] = [];
    const tokens = (name: string, token: () => string | Promise<string>): TabClientOptions => ({
      user: 'u',
      token: () => {
        asked.push(name);
        return token();
      },
    });
    collect(open(tokens('one', () => 'of one')));
    await world.advance(100);
    expect([...world.server.connections].map(({ token }) => token)).toEqual(['of one']);
    const other = open(tokens('other', () => Promise.reject(new Error('none'))));
    collect(other);
    await world.advance(100);
    world.server.cutAll();
    await world.advance(5000);

    expect(asked).toEqual(['one', 'other', 'one']);
    expect(other.client.connection.status).toBe('live');
    expect(other.errors.map(({ code }) => code)).toEqual(['TOKEN_FAILED']);
  });

  it('are asked in the order in which they were seen', async () => {
    const { world, open } = setting();
    const asked: string[] = [];
    const tabs = ['one', 'two', 'three'].map((name) => open({ user: 'u', token: () => `${asked.push(name)}` }));
    for (const tab of tabs) collect(tab);
    await world.advance(100);
    for (const { page } of tabs) page.hide();
    await world.advance(5000);
    tabs[1]?.page.show();
    await world.settle();
    tabs[1]?.page.hide();
    asked.length = 0;
    world.server.cutAll();
    await world.advance(5000);

    expect(asked).toEqual(['two']);
  });

  it('are not refused what their user may have since they logged in by a cookie; and else are, once asked anew', async () => {
    const { world, open } = setting();
    const got = [collect(open())];
    await world.advance(100);
    world.server.user = 'anna';
    const [late, other] = [open(), open()];
    got.push(collect(late, 'log:of-anna'));
    const refused = collect(other, 'log:of-bob');
    await world.advance(1000);
    world.server.publish('log:of-anna', 1);
    world.server.publish('log:a', 2);
    await world.settle();

    expect(got).toEqual([[2], [1]]);
    expect(refused).toEqual([]);
    expect(late.errors).toEqual([]);
    expect(other.errors.map(({ code }) => code)).toEqual(['FORBIDDEN']);
    expect(world.server.asks.filter((ask) => ask.startsWith('log:of-bob')).length).toBeLessThan(4);
    expect(world.server.connections.size).toBe(1);
  });

  it('do not wait for ever for the token of a tab that sleeps', async () => {
    const { world, open } = setting();
    const one = open({ user: 'u', token: () => 'of one' });
    collect(one);
    await world.advance(100);
    const other = open({ user: 'u', token: () => new Promise<string>(() => undefined) });
    collect(other);
    await world.advance(100);
    world.server.cutAll();
    await world.advance(6000);

    expect(one.client.connection.status).toBe('live');
  });
});

describe('a tab', () => {
  it('whose token is another user’s now leaves the group', async () => {
    const { world, open } = byLeader();
    const token = (sub: string): string => `x.${btoa(JSON.stringify({ sub })).replaceAll('=', '')}.y`;
    let sub = 'anna';
    const [anna, other] = [
      open({ user: undefined, token: () => token('anna') }),
      open({ user: undefined, token: () => token(sub) }),
    ];
    const got = [collect(anna), collect(other)];
    await world.advance(100);
    expect(world.server.connections.size).toBe(1);
    sub = 'bob';
    await world.advance(10_000);
    other.page.show();
    await world.advance(100);
    world.server.cutAll();
    await world.advance(5000);
    world.server.publish('log:a', 1);
    await world.settle();

    expect([...world.server.connections].map((connection) => connection.token).sort()).toEqual(
      [token('anna'), token('bob')].sort(),
    );
    expect(got).toEqual([[1], [1]]);
  });

  it('takes a connection of its own where no way leads anywhere, without losing a word', async () => {
    const { world, open } = byLeader();
    const tab = open({
      ways: [
        (_, host) => ({
          connect: () => Promise.reject(new Error('no')),
          unanswered: () => host.failed(),
          leave: () => undefined,
        }),
        loadedWay(() =>
          Promise.resolve(() => {
            throw new Error('forbidden');
          }),
        ),
        loadedWay(() => Promise.reject(new Error('It cannot be loaded.'))),
      ],
    });
    const got = collect(tab);
    const seen = statuses(tab);
    await world.advance(100);
    world.server.publish('log:a', 1);
    await world.settle();

    expect(seen.filter((status, index) => status !== seen[index - 1])).toEqual(['connecting', 'live']);
    expect(got).toEqual([1]);
    expect(tab.own()?.state.status).toBe('live');
    tab.client.close();
    expect(tab.page.listeners).toBe(0);
  });

  it('goes the next way when nobody answers on the first', async () => {
    const { world, open } = byLeader();
    const page = new Page(world, 'p');
    const silent = { postMessage: () => undefined, close: () => undefined };
    const tab = open({
      ways: [
        (_, host) => ({
          connect: () => Promise.resolve(silent),
          unanswered: () => host.failed(),
          leave: () => undefined,
        }),
        byElection(page),
      ],
    });
    const got = collect(tab);
    await world.advance(2500);
    world.server.publish('log:a', 1);
    await world.settle();

    expect(got).toEqual([1]);
    expect(tab.own()).toBeUndefined();
  });
});

describe('a relay', () => {
  it('whose connection goes on over another wire of the same kind tells its tabs, which send again what got no answer', () => {
    const told: ToTab[] = [];
    const nothing = (): void => undefined;
    const upstream: Link = {
      state: { status: 'polling', transport: 'poll' },
      sync: nothing,
      command: () => true,
      progress: nothing,
      drop: nothing,
      fail: nothing,
      askLater: nothing,
      reconnect: nothing,
    };
    const relay = new TabRelay(HERE, () => upstream);
    const tab = relay.attach({ postMessage: (message) => told.push(message), close: nothing });
    tab.hear(['want', [], true, VERSION, undefined]);
    tab.hear(['do', 1, '{"type":"publish"}']);
    const connected = { type: 'connected', connection: 'c', heartbeatMs: 1000 } as const;

    relay.frame(connected);
    relay.read();

    expect(told.at(-1)).toEqual(['frames', [[0, JSON.stringify(connected)]]]);
    relay.close();
  });
});
