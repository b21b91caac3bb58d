/** The ways in which tabs of one user share a connection, each on a fake clock, and what a test hears of a tab. */
import { byWorker, type TabClient, type TabClientOptions, tabClient } from './tab-client.ts';
import { Page, World } from './tab-world.ts';

export interface Setting {
  readonly world: World;
  /** Opens another tab. */
  open(options?: TabClientOptions): TabClient;
}

export function byLeader(): Setting {
  const world = new World();
  return { world, open: (options) => tabClient(new Page(world, `p${world.pages.length}`), { user: 'u', ...options }) };
}

export function byOneWorker(): Setting {
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
export function collect({ client }: TabClient, channel = 'log:a', after?: string): unknown[] {
  const got: unknown[] = [];
  const handle = client.channel(channel, { after });
  handle.on('added', (data) => got.push(data));
  handle.on('state', (data) => got.push(data));
  handle.onLost(({ cause }) => got.push(`lost: ${cause}`));
  return got;
}

export function statuses({ client }: TabClient): string[] {
  const seen: string[] = [];
  client.onConnection(({ status }) => seen.push(status));
  return seen;
}

/** Every way in which tabs share: its name, a world for it, and after how long the death of a tab is noticed, milliseconds. */
export const SETTINGS = [
  // By the lock that it held; a worker has to wait for its silence.
  ['where a tab leads', byLeader, 100],
  ['where a worker holds the connection', byOneWorker, 60_000],
] as const;
