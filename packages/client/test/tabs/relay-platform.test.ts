import { describe, expect, it } from 'vitest';
import { relayPlatform } from '../../src/tabs/relay-platform.ts';
import { Page, World } from './tab-world.ts';

describe('the platform of a relay', () => {
  it('runs what is due when a tab is awake, though its own timers are throttled; once', async () => {
    const world = new World();
    const page = new Page(world, 'hidden');
    const { platform, poke } = relayPlatform(page.platform);
    const ran: string[] = [];
    platform.after(1000, () => ran.push('first'));
    platform.after(1000, () => ran.push('cancelled'))();
    platform.after(5000, () => ran.push('second'));
    page.freeze();
    await world.advance(900);
    poke(undefined);
    expect(ran).toEqual([]);
    await world.advance(200);
    poke(undefined);
    poke(undefined);
    expect(ran).toEqual(['first']);

    page.thaw();
    await world.advance(5000);
    expect(ran).toEqual(['first', 'second']);
  });

  it('tells the signals of its tabs and its own, until it is not watched any more', async () => {
    const world = new World();
    const page = new Page(world, 'worker');
    const { platform, poke } = relayPlatform(page.platform);
    const heard: string[] = [];
    const off = platform.watch((signal) => heard.push(signal));
    poke('visible');
    page.signal('offline');
    await world.settle();
    off();
    poke('online');

    expect(heard).toEqual(['visible', 'offline']);
    expect(page.listeners).toBe(0);
  });
});
