/** What every section of the engine suite needs: an engine in a folder of its own, on a clock the test moves. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppendRequest, Engine, ReadOutcome, Retention, StoredEvent } from 'fanfare/internal';

export interface EngineSetup {
  /** An empty folder, or the one of an engine that was closed or killed: then the history goes on where it is durable. */
  readonly place: string;
  readonly clock: { wallTime(): number };
  readonly idempotency?: { readonly count?: number; readonly ageMs?: number };
}

export type MakeEngine = (setup: EngineSetup) => Engine | Promise<Engine>;

export const KEEP_ALL: Retention = { kind: 'window' };
export const NEWEST: Retention = { kind: 'newest' };

/** An engine under test. Disposing closes it and removes its folder. */
export class EngineFixture {
  readonly #make: MakeEngine;
  readonly #setup: EngineSetup;
  #engine: Engine;
  readonly #others: Engine[] = [];
  #time: { now: number };

  /** `idempotency`: bounds of the window, where the test is about them. */
  static async open(make: MakeEngine, idempotency?: EngineSetup['idempotency']): Promise<EngineFixture> {
    const time = { now: Date.UTC(2026, 0, 1) };
    const place = await mkdtemp(join(tmpdir(), 'fanfare-engine-'));
    const setup = { place, clock: { wallTime: () => time.now }, ...(idempotency === undefined ? {} : { idempotency }) };
    return new EngineFixture(make, setup, { engine: await make(setup), time });
  }

  private constructor(
    make: MakeEngine,
    setup: EngineSetup,
    state: { readonly engine: Engine; readonly time: { now: number } },
  ) {
    this.#make = make;
    this.#setup = setup;
    this.#engine = state.engine;
    this.#time = state.time;
  }

  get engine(): Engine {
    return this.#engine;
  }

  get place(): string {
    return this.#setup.place;
  }

  get now(): number {
    return this.#time.now;
  }

  advance(ms: number): void {
    this.#time.now += ms;
  }

  /** Closes the engine and opens it again at the same place. */
  async reopen(): Promise<void> {
    await this.#engine.close();
    this.#engine = await this.#make(this.#setup);
  }

  /** Opens one more engine at the same place, as another process would. */
  async another(): Promise<Engine> {
    const engine = await this.#make(this.#setup);
    this.#others.push(engine);
    return engine;
  }

  /** Collects what followers of a channel get, from now on. */
  follow(channel: string): StoredEvent[] {
    const seen: StoredEvent[] = [];
    this.#engine.broker.follow(channel, (events) => seen.push(...events));
    return seen;
  }

  /** Everything kept of a channel, read page by page. */
  async readAll(channel: string, retention: Retention = KEEP_ALL): Promise<StoredEvent[]> {
    const all: StoredEvent[] = [];
    let outcome = await this.#engine.broker.read({ channel, retention, after: undefined, limit: 500 });
    for (;;) {
      const last = eventsOf(outcome).at(-1);
      all.push(...eventsOf(outcome));
      if (outcome.kind === 'gap' || !outcome.more || last === undefined) return all;
      outcome = await this.#engine.broker.read({
        channel,
        retention,
        after: { epoch: last.epoch, offset: last.offset },
        limit: 500,
      });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const engine of [this.#engine, ...this.#others]) await engine.close();
    await rm(this.#setup.place, { recursive: true, force: true });
  }
}

/** The events of a read that must have found its position. */
export function eventsOf(outcome: ReadOutcome): readonly StoredEvent[] {
  if (outcome.kind === 'gap') throw new Error(`expected events, got the gap '${outcome.cause}'`);
  return outcome.events;
}

/** A log event whose payload is `value`. */
export function note(channel: string, value: unknown, more: Partial<AppendRequest> = {}): AppendRequest {
  return { channel, event: 'note', dataJson: JSON.stringify(value), key: '', retention: KEEP_ALL, ...more };
}

/** A value of a state channel. */
export function value(channel: string, key: string, content: unknown): AppendRequest {
  return { channel, event: 'state', dataJson: JSON.stringify(content), key, retention: NEWEST };
}

export function offsetsOf(events: readonly StoredEvent[]): number[] {
  return events.map((event) => event.offset);
}

/** [1, 2, ..., n] */
export function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, index) => index + 1);
}
