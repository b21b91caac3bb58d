/** What tabs that share a connection may cost each other: those that die, sleep or are slow, and those that no way leads to. */
import { describe, expect, it } from 'vitest';
import { HERE } from '../../src/here.ts';
import type { Link } from '../../src/link.ts';
import { loadedWay } from '../../src/tabs/loaded-way.ts';
import { type ToTab, VERSION } from '../../src/tabs/messages.ts';
import { TabRelay } from '../../src/tabs/tab-relay.ts';
import { byElection } from './tab-client.ts';
import { byLeader, collect, SETTINGS, statuses } from './tab-settings.ts';
import { Page } from './tab-world.ts';

describe.each(SETTINGS)('tabs of one user, %s,', (_, setting, deathNoticedMs) => {
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
