/** A browser with tabs that suffers any weather: what may happen to its pages, its wire and the server, and what must be true afterwards. */
import fc from 'fast-check';
import { expect } from 'vitest';
import { byWorker, type TabClient, tabClient } from './tab-client.ts';
import { type Choose, Page, World } from './tab-world.ts';

const PAGE_WEATHER = [
  'close',
  'crash',
  'freeze',
  'sleep',
  'wake',
  'wake',
  'hide',
  'show',
  'toggle',
  'say',
  'take',
  'take',
] as const;
type PageWeather = (typeof PAGE_WEATHER)[number];

export type Weather =
  | { readonly kind: 'publish'; readonly count: number }
  | { readonly kind: 'set'; readonly key: string }
  /** Of one page: which of those that are there. */
  | { readonly kind: PageWeather; readonly page: number }
  | { readonly kind: 'open' | 'cut' | 'down' | 'up' }
  | { readonly kind: 'advance'; readonly ms: number }
  | { readonly kind: 'step'; readonly count: number }
  /** Makes losses possible. */
  | { readonly kind: 'trim'; readonly kept: number }
  | { readonly kind: 'new epoch' };

export const harmless: readonly fc.WeightedArbitrary<Weather>[] = [
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('set' as const), key: fc.constantFrom('a', 'b', 'c') }) },
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constantFrom(...PAGE_WEATHER),
      page: fc.nat(5),
    }),
  },
  { weight: 5, arbitrary: fc.record({ kind: fc.constantFrom('open', 'open', 'cut', 'down', 'up') }) },
  {
    weight: 4,
    arbitrary: fc.record({ kind: fc.constant('advance' as const), ms: fc.constantFrom(1, 400, 1500, 8000, 70_000) }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('step' as const), count: fc.integer({ min: 1, max: 20 }) }) },
];
/** What makes losses possible. */
export const harmful: readonly fc.WeightedArbitrary<Weather>[] = [
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('trim' as const), kept: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('new epoch' as const) }) },
];

export interface Listener {
  readonly tab: TabClient;
  /** What the handler got, and null where it was told of a loss. */
  readonly got: (number | null)[];
  isOff: boolean;
}

interface Loop {
  readonly events: AsyncIterator<{ readonly data: unknown }>;
  readonly got: number[];
}

interface Saying {
  readonly tab: TabClient;
  readonly word: number;
  outcome: string | undefined;
}

export class Browser {
  readonly world = new World();
  readonly #worker: Page | undefined;
  readonly values = new Map<string, number>();
  readonly sayings: Saying[] = [];
  head = 0;
  readonly #choose: Choose;
  readonly #tabs: TabClient[] = [];
  readonly #listeners: Listener[] = [];
  /** What a loop that few events fit into was handed. */
  readonly #loops = new Map<TabClient, Loop>();
  /** Ends the second channel of a tab. */
  readonly #offs = new Map<TabClient, () => void>();

  constructor(choose: Choose, hasWorker: boolean) {
    this.#choose = choose;
    this.#worker = hasWorker ? new Page(this.world, 'worker') : undefined;
  }

  get tabs(): readonly TabClient[] {
    return this.#tabs.filter(({ page }) => !page.isClosed);
  }

  /** All that there ever were; and those that listen still. */
  get listeners(): readonly Listener[] {
    return this.#listeners;
  }

  get loops(): readonly (readonly number[])[] {
    return [...this.#loops.values()].map(({ got }) => got);
  }

  get listening(): readonly Listener[] {
    return this.#listeners.filter(({ tab, isOff }) => !isOff && !tab.page.isClosed);
  }

  openTab(): void {
    if (this.tabs.length >= 6) return;
    const page = new Page(this.world, `p${this.world.pages.length}`);
    const tab = tabClient(page, { maxQueuedEvents: 4, ...(this.#worker && { ways: [byWorker(page, this.#worker)] }) });
    this.#tabs.push(tab);
    this.#listen(tab, 'log:a');
    tab.client.channel('board:a').subscribe(() => undefined);
    this.#loops.set(tab, { events: tab.client.channel('log:a')[Symbol.asyncIterator](), got: [] });
    this.#toggle(tab);
  }

  async suffer(event: Weather): Promise<void> {
    const { server } = this.world;
    if ('page' in event) this.#sufferPage(this.tabs[event.page % (this.tabs.length || 1)], event.kind);
    else if (event.kind === 'publish') for (let count = 0; count < event.count; count += 1) this.publish();
    else if (event.kind === 'set') this.set(event.key, this.head);
    else if (event.kind === 'open') this.openTab();
    else if (event.kind === 'cut') server.cutAll();
    else if (event.kind === 'down') server.isDown = true;
    else if (event.kind === 'up') server.isDown = false;
    else if (event.kind === 'advance') await this.world.advance(event.ms, this.#choose);
    else if (event.kind === 'step') await this.world.settle(this.#choose, event.count);
    else if (event.kind === 'trim') server.trim('log:a', event.kept);
    else if (event.kind === 'new epoch') {
      server.newEpoch();
      this.values.clear();
    }
  }

  publish(): void {
    this.head += 1;
    this.world.server.publish('log:a', this.head);
    this.world.server.publish('log:b', this.head);
  }

  set(key: string, value: number): void {
    this.values.set(key, value);
    this.world.server.publish('board:a', value, key);
  }

  /** Everyone is well again, and there is something new. */
  async heal(): Promise<void> {
    this.world.server.isDown = false;
    this.openTab();
    for (const { page } of this.tabs) {
      if (page.isFrozen) page.wake();
      page.show();
    }
    await this.world.advance(30_000, this.#choose);
    this.publish();
    this.set('a', -1);
    await this.world.settle(this.#choose);
  }

  #sufferPage(tab: TabClient | undefined, kind: PageWeather): void {
    if (tab === undefined) return;
    const { page } = tab;
    if (kind === 'crash') page.crash();
    else if (kind === 'freeze') page.freeze();
    else if (kind === 'hide') page.hide();
    else if (page.isFrozen) {
      if (kind === 'wake') page.wake();
    } else if (kind === 'close') page.close();
    else if (kind === 'sleep') page.sleep();
    else if (kind === 'show') page.show();
    else if (kind === 'toggle') this.#toggle(tab);
    else if (kind === 'say') this.#say(tab);
    else if (kind === 'take') this.#take(tab, 3);
  }

  #say(tab: TabClient): void {
    const saying: Saying = { tab, word: this.sayings.length, outcome: undefined };
    this.sayings.push(saying);
    tab.client
      .channel('log:said')
      .publish('said', saying.word)
      .then(
        () => {
          saying.outcome = 'stored';
        },
        (error: unknown) => {
          saying.outcome = String(error);
        },
      );
  }

  /** Lets the tab's slow loop have some events. */
  #take(tab: TabClient, count: number): void {
    const loop = this.#loops.get(tab);
    for (let taken = 0; taken < count; taken += 1) {
      void loop?.events.next().then(({ value }) => loop.got.push(Number(value?.data)));
    }
  }

  #toggle(tab: TabClient): void {
    const off = this.#offs.get(tab);
    if (off === undefined) this.#offs.set(tab, this.#listen(tab, 'log:b'));
    else {
      this.#offs.delete(tab);
      off();
    }
  }

  #listen(tab: TabClient, channel: string): () => void {
    const listener: Listener = { tab, got: [], isOff: false };
    this.#listeners.push(listener);
    const handle = tab.client.channel(channel);
    const offs = [
      handle.on('added', (data) => listener.got.push(Number(data))),
      handle.onLost(() => listener.got.push(null)),
    ];
    return () => {
      listener.isOff = true;
      for (const off of offs) off();
    };
  }
}

function checkOrder({ got }: Listener): void {
  let last: number | undefined;
  let lost = false;
  for (const number of got) {
    if (number !== null && last !== undefined) {
      if (lost) expect(number).toBeGreaterThan(last);
      else expect(number).toBe(last + 1);
    }
    lost = number === null || (lost && last === undefined);
    last = number ?? last;
  }
}

/** Lives through it, heals, and is as it should be. */
export async function live(events: readonly Weather[], choose: Choose, hasWorker: boolean): Promise<Browser> {
  const browser = new Browser(choose, hasWorker);
  browser.openTab();
  browser.openTab();
  for (const event of events) await browser.suffer(event);
  await browser.heal();
  for (const listener of browser.listeners) checkOrder(listener);
  for (const { got } of browser.listening) expect(got.at(-1)).toBe(browser.head);
  for (const { client, errors } of browser.tabs) {
    expect(client.connection.status).toBe('live');
    expect(['subscribed', 'lost']).toContain(client.channel('log:a').getSnapshot().subscription.status);
    expect(['subscribed', 'lost']).toContain(client.channel('board:a').getSnapshot().subscription.status);
    expect(errors).toEqual([]);
    const values = client.channel('board:a').getSnapshot().values;
    expect(Object.fromEntries(values)).toEqual(Object.fromEntries(browser.values));
  }
  const { server } = browser.world;
  expect(server.said).toEqual([...new Set(server.said)]);
  for (const { tab, word, outcome } of browser.sayings) {
    if (outcome === 'stored') expect(server.said).toContain(word);
    else if (!tab.page.isClosed) expect(outcome).toContain('PUBLISH_TIMEOUT');
  }
  expect(server.connections.size).toBe(1);
  return browser;
}

/** Who is next, wherever there is a choice. */
export const chooser: fc.Arbitrary<Choose> = fc.infiniteStream(fc.nat(1000)).map(
  (stream): Choose =>
    (count) =>
      Number(stream.next().value) % count,
);
