/** Whose token a shared connection has, and which tab is asked for it. */
import { describe, expect, it } from 'vitest';
import type { TabClientOptions } from './tab-client.ts';
import { collect, SETTINGS } from './tab-settings.ts';

describe.each(SETTINGS)('tabs of one user, %s,', (_, setting) => {
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
