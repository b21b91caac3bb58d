/** Tabs of one user in one browser: one connection, and to each tab it is as if it had its own. */
import { describe, expect, it } from 'vitest';
import { byLeader, collect, SETTINGS, statuses } from './tab-settings.ts';

describe.each(SETTINGS)('tabs of one user, %s,', (_, setting) => {
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
});
