/**
 * A browser for tests: pages with a queue of tasks each, frozen, hidden and closed at will; locks and channels between them; one
 * clock; and a server. Whose task is next is chosen by the test.
 */
import type { Platform, PlatformSignal } from '../../src/index.ts';
import type { Electorate } from '../../src/tabs/election.ts';
import { ModelServer } from './model-server.ts';

interface Timer {
  readonly at: number;
  readonly page: Page;
  readonly task: () => void;
}

interface Held {
  readonly page: Page;
  readonly release: () => void;
  readonly reject: (error: unknown) => void;
}

/** One of so many. */
export type Choose = (count: number) => number;

type Pipe = ReturnType<Electorate['channel']>;

export class World {
  readonly server = new ModelServer();
  readonly pages: Page[] = [];
  now = 0;
  timers: Timer[] = [];
  readonly locks = new Locks();
  /** Open ends of every BroadcastChannel. */
  readonly ends = new Map<string, Set<{ readonly page: Page; readonly pipe: Pipe }>>();
  /** On their way to the server. */
  readonly #tasks: (() => void)[] = [];

  enqueue(task: () => void): void {
    this.#tasks.push(task);
  }

  /** Runs until nobody has anything to do, or for so many tasks. `choose`: the next of so many. */
  async settle(choose: Choose = () => 0, limit = Infinity): Promise<void> {
    for (let [idle, done] = [0, 0]; idle < 2 && done < limit; ) {
      const ready = this.pages.filter((page) => page.isRunning && page.tasks.length > 0).map(({ tasks }) => tasks);
      if (this.#tasks.length > 0) ready.push(this.#tasks);
      const tasks = ready[choose(ready.length || 1)];
      tasks?.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
      idle = tasks === undefined ? idle + 1 : 0;
      done += 1;
    }
  }

  /** Moves time; what falls due in a page that is frozen runs when it wakes. */
  async advance(ms: number, choose?: Choose): Promise<void> {
    const until = this.now + ms;
    await this.settle(choose);
    for (;;) {
      const next = this.timers.filter(({ at }) => at <= until).sort((one, other) => one.at - other.at)[0];
      if (next === undefined) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.now = Math.max(this.now, next.at);
      next.page.enqueue(next.task);
      await this.settle(choose);
    }
    this.now = until;
  }
}

class Locks {
  readonly #held = new Map<string, Held>();
  readonly #queues = new Map<string, { readonly page: Page; readonly grant: () => void }[]>();

  request(page: Page, name: string, options: LockOptions, callback: () => unknown): Promise<void> {
    return new Promise((resolve, reject) => {
      const grant = (): void => {
        const release = (): void => {
          if (this.#held.get(name)?.release !== release) return;
          this.#held.delete(name);
          this.#next(name);
        };
        this.#held.set(name, { page, release, reject });
        page.enqueue(() => {
          if (this.#held.get(name)?.release !== release) return;
          void Promise.resolve(callback()).then(() => {
            release();
            resolve();
          });
        });
      };
      const queue = this.#queues.get(name) ?? [];
      this.#queues.set(name, queue);
      if (options.steal === true) {
        const robbed = this.#held.get(name);
        grant();
        robbed?.page.enqueue(() => robbed.reject(new DOMException('stolen', 'AbortError')));
      } else {
        const entry = { page, grant };
        queue.push(entry);
        options.signal?.addEventListener('abort', () => {
          if (queue.includes(entry)) queue.splice(queue.indexOf(entry), 1);
          reject(new DOMException('aborted', 'AbortError'));
        });
        this.#next(name);
      }
    });
  }

  holder(name: string): Page | undefined {
    return this.#held.get(name)?.page;
  }

  get names(): readonly string[] {
    return [...this.#held.keys()];
  }

  died(page: Page): void {
    for (const queue of this.#queues.values()) {
      for (const entry of [...queue]) if (entry.page === page) queue.splice(queue.indexOf(entry), 1);
    }
    for (const { page: holder, release } of [...this.#held.values()]) if (holder === page) release();
  }

  #next(name: string): void {
    if (!this.#held.has(name)) this.#queues.get(name)?.shift()?.grant();
  }
}

export class Page {
  readonly world: World;
  readonly name: string;
  tasks: (() => void)[] = [];
  isFrozen = false;
  isClosed = false;
  hidden = false;
  readonly #signals = new Set<(signal: PlatformSignal) => void>();
  readonly #sleep = new Set<() => void>();
  readonly platform: Platform;
  #ids = 0;

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
    world.pages.push(this);
    this.platform = {
      now: () => world.now,
      wallTime: () => 1_700_000_000_000 + world.now,
      random: () => 0.5,
      after: (delayMs, task) => {
        const timer = {
          at: world.now + delayMs,
          page: this,
          task: () => {
            if (isSet) task();
          },
        };
        let isSet = true;
        world.timers.push(timer);
        return () => {
          isSet = false;
          world.timers = world.timers.filter((other) => other !== timer);
        };
      },
      online: () => true,
      watch: (listener) => {
        this.#signals.add(listener);
        return () => this.#signals.delete(listener);
      },
      fetch: () => Promise.reject(new TypeError('no network')),
      id: () => {
        this.#ids += 1;
        return `${name}-${this.#ids}`;
      },
    };
  }

  get isRunning(): boolean {
    return !this.isFrozen && !this.isClosed;
  }

  /** Listeners of signals and of its life: none after a client was closed for long enough. */
  get listeners(): number {
    return this.#signals.size + this.#sleep.size;
  }

  get electorate(): Electorate {
    const { world } = this;
    return {
      id: () => this.platform.id(),
      locks: {
        // biome-ignore lint/suspicious/noExplicitAny: the browser's own overloads.
        request: (name: string, ...rest: any[]) =>
          world.locks.request(this, name, rest.length > 1 ? rest[0] : {}, rest.at(-1)),
      },
      channel: (name) => {
        const ends = world.ends.get(name) ?? new Set();
        world.ends.set(name, ends);
        const pipe: Pipe = {
          onmessage: null,
          postMessage: (message: unknown) => {
            const copy = structuredClone(message);
            for (const other of ends) {
              if (other === end) continue;
              other.page.enqueue(() => {
                if (ends.has(other))
                  other.pipe.onmessage?.call(globalThis as never, new MessageEvent('message', { data: copy }));
              });
            }
          },
          close: () => {
            ends.delete(end);
            if (ends.size === 0) world.ends.delete(name);
          },
        };
        const end = { page: this, pipe };
        ends.add(end);
        return pipe;
      },
    };
  }

  enqueue(task: () => void): void {
    if (!this.isClosed) this.tasks.push(task);
  }

  signal(signal: PlatformSignal): void {
    this.enqueue(() => {
      for (const listener of [...this.#signals]) listener(signal);
    });
  }

  /** Without warning: a debugger, a suspended process. */
  freeze(): void {
    this.isFrozen = true;
  }

  thaw(): void {
    this.isFrozen = false;
    this.signal('visible');
  }

  /** The page is told, as before the back/forward cache, or by a browser that freezes what is hidden. */
  sleep(): void {
    for (const asleep of [...this.#sleep]) asleep();
    this.isFrozen = true;
  }

  wake(): void {
    this.isFrozen = false;
    this.signal('visible');
  }

  hide(): void {
    this.hidden = true;
  }

  show(): void {
    this.hidden = false;
    this.signal('visible');
  }

  /** Without a word, as when its process dies. */
  crash(): void {
    this.isClosed = true;
    this.tasks = [];
    this.world.timers = this.world.timers.filter(({ page }) => page !== this);
    for (const ends of this.world.ends.values()) for (const end of ends) if (end.page === this) ends.delete(end);
    for (const connection of this.world.server.connections)
      if (connection.page === this) this.world.server.connections.delete(connection);
    this.world.locks.died(this);
  }

  close(): void {
    for (const asleep of [...this.#sleep]) asleep();
    this.crash();
  }

  watchSleep(asleep: () => void): () => void {
    this.#sleep.add(asleep);
    return () => this.#sleep.delete(asleep);
  }
}
