/** The leader goes, sleeps or hangs: another tab leads, at once or within seconds, and nobody misses anything. */
import { describe, expect, it } from 'vitest';
import { VERSION } from '../../src/tabs/messages.ts';
import { byElection, type TabClient, tabClient } from './tab-client.ts';
import { Page, World } from './tab-world.ts';

interface Group {
  readonly world: World;
  /** The first leads. */
  readonly tabs: readonly TabClient[];
  readonly got: readonly (readonly unknown[])[];
  publish(): void;
  leader(): string | undefined;
  /** How long it took until these tabs were live, milliseconds. */
  liveWithin(tabs: readonly TabClient[], limitMs: number): Promise<number>;
}

async function group(count: number): Promise<Group> {
  const world = new World();
  let published = 0;
  const open = (index: number): TabClient => tabClient(new Page(world, `p${index}`), { user: 'u' });
  const tabs = [open(0)];
  const collect = ({ client }: TabClient): unknown[] => {
    const events: unknown[] = [];
    client.channel('log:a').on('added', (data) => events.push(data));
    client.channel('log:a').onLost(() => events.push('lost'));
    return events;
  };
  const got = [collect(tabs[0] ?? open(0))];
  await world.settle();
  for (let index = 1; index < count; index += 1) {
    const tab = open(index);
    tabs.push(tab);
    got.push(collect(tab));
  }
  await world.advance(100);
  return {
    world,
    tabs,
    got,
    publish: () => {
      published += 1;
      world.server.publish('log:a', published);
    },
    leader: () => world.locks.holder('group u')?.name,
    async liveWithin(some, limitMs) {
      const start = world.now;
      while (world.now - start <= limitMs) {
        await world.advance(20);
        if (some.every(({ client }) => client.connection.status === 'live')) break;
      }
      return world.now - start;
    },
  };
}

const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('when the leader', () => {
  it.each(['close', 'crash', 'sleep'] as const)('%ss, another leads at once, and nothing is lost', async (how) => {
    const { world, tabs, got, publish, leader, liveWithin } = await group(8);
    expect(leader()).toBe('p0');
    publish();
    await world.settle();
    publish();
    tabs[0]?.page[how]();
    publish();
    const took = await liveWithin(tabs.slice(1), 5000);
    publish();
    await world.settle();

    expect(took).toBeLessThan(1000);
    expect(leader()).not.toBe('p0');
    expect(got.slice(1)).toEqual(tabs.slice(1).map(() => upTo(4)));
    expect(world.server.connections.size).toBe(1);
  });

  it('says nothing more, it is robbed within seconds, and steps down when it wakes', async () => {
    const { world, tabs, got, publish, leader } = await group(4);
    const [first] = tabs;
    first?.page.freeze();
    await world.advance(4000);
    publish();
    await world.settle();
    expect(leader()).not.toBe('p0');
    expect(got.slice(1)).toEqual([[1], [1], [1]]);
    // The frozen one holds its connection still.
    expect(world.server.connections.size).toBe(2);

    first?.page.thaw();
    publish();
    await world.advance(3000);
    publish();
    await world.settle();
    expect(world.server.connections.size).toBe(1);
    expect(got).toEqual(tabs.map(() => [1, 2, 3]));
    expect(leader()).not.toBe('p0');
  });

  it('is frozen and nobody is seen, it is not robbed; the first that is seen again does', async () => {
    const { world, tabs, got, publish, leader, liveWithin } = await group(3);
    for (const { page } of tabs) page.hide();
    await world.advance(5000);
    tabs[0]?.page.freeze();
    await world.advance(60_000);
    expect(leader()).toBe('p0');
    publish();
    tabs[2]?.page.show();
    const took = await liveWithin(tabs.slice(2), 5000);
    await world.advance(3000 - Math.min(took, 3000));

    expect(leader()).toBe('p2');
    expect(got.slice(1)).toEqual([[1], [1]]);
  });

  it('hangs while two others notice it in the same moment, they end up with one leader', async () => {
    const { world, tabs, got, publish } = await group(3);
    tabs[0]?.page.freeze();
    for (let step = 0; step < 400; step += 1) await world.advance(10, (count) => step % count);
    publish();
    await world.settle();

    expect([...world.server.connections].filter(({ page }) => page.isRunning).length).toBe(1);
    expect(got.slice(1)).toEqual([[1], [1]]);
  });

  it('is only busy for a moment, it goes on leading', async () => {
    const { world, tabs, leader } = await group(3);
    for (let pause = 0; pause < 10; pause += 1) {
      tabs[0]?.page.freeze();
      await world.advance(900);
      tabs[0]?.page.thaw();
      await world.advance(300);
    }

    expect(leader()).toBe('p0');
    expect(tabs.map(({ client }) => client.connection.status)).toEqual(['live', 'live', 'live']);
  });

  it('answers while a tab was busy itself, it goes on leading', async () => {
    const { world, tabs, leader } = await group(3);
    const busy = tabs[1]?.page;
    const seen: string[] = [];
    tabs[1]?.client.onConnection(({ status }) => seen.push(status));
    for (let pause = 0; pause < 10; pause += 1) {
      busy?.freeze();
      await world.advance(2500);
      // As after a long task: nobody tells the page that it was away.
      if (busy !== undefined) busy.isFrozen = false;
      // Its timers come first.
      busy?.tasks.reverse();
      await world.advance(300);
    }

    expect(leader()).toBe('p0');
    expect(seen).toEqual([]);
  });

  it('is left and restored, it comes back as one among the others', async () => {
    const { world, tabs, got, publish, leader } = await group(3);
    tabs[0]?.page.sleep();
    await world.advance(1000);
    publish();
    await world.advance(600_000);
    expect(tabs[0]?.client.connection.status).toBe('reconnecting');
    tabs[0]?.page.wake();
    await world.advance(500);
    publish();
    await world.settle();

    expect(got).toEqual([
      [1, 2],
      [1, 2],
      [1, 2],
    ]);
    expect(leader()).not.toBe('p0');
    expect(world.server.connections.size).toBe(1);
  });

  it('goes while tabs publish, each thing that was published is stored once and answered', async () => {
    const { world, tabs } = await group(4);
    const others = tabs.slice(1);
    const answers: Promise<unknown>[] = [];
    for (let round = 0; round < 10; round += 1) {
      for (const [index, { client }] of others.entries()) {
        answers.push(client.channel('log:said').publish('said', `${round} ${index}`));
      }
      if (round === 5) tabs[0]?.page.crash();
      await world.settle(undefined, 7);
    }
    await world.advance(3000);

    expect((await Promise.all(answers)).length).toBe(30);
    expect([...world.server.said].sort()).toEqual(
      others.flatMap((_, index) => upTo(10).map((round) => `${round - 1} ${index}`)).sort(),
    );
  });
});

describe('an election', () => {
  it('is not disturbed by a leader that does not know yet that it was robbed: hellos are to a leader by name', async () => {
    const { world, tabs } = await group(2);
    const { channel, locks } = new Page(world, 'stranger').electorate;
    void locks.request('pipe', () => new Promise(() => undefined));
    const lobby = channel('group u');
    const admitted = (): boolean => world.ends.has('pipe');
    const hello = ['want', [], false, VERSION];
    lobby.postMessage(['another leader', 'pipe', hello]);
    await world.settle();
    expect(admitted()).toBe(false);
    lobby.postMessage(['', 'pipe', hello]);
    await world.settle();

    expect(admitted()).toBe(true);
    expect(tabs.map(({ client }) => client.connection.status)).toEqual(['live', 'live']);
  });

  it('that is forbidden leads nowhere, and the tab has a connection of its own', async () => {
    const world = new World();
    const page = new Page(world, 'p');
    const refused = {
      ...page.electorate,
      locks: { request: () => Promise.reject(new DOMException('no', 'SecurityError')) },
    };
    const { client, own } = tabClient(page, { user: 'u', ways: [byElection(page, refused)] });
    client.channel('log:a').on('added', () => undefined);
    await world.advance(100);

    expect(client.connection.status).toBe('live');
    expect(own()).toBeDefined();
    expect(world.ends.size).toBe(0);
  });
});
