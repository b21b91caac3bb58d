/** Whatever happens to the stream, every listener gets every event once and in order, or is told that events are missing. */
import { decodePosition, type ServerFrame } from '@fanfare/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Client } from '../src/index.ts';
import { added, harness, type Shapes, subscribed } from './client-harness.ts';
import { type FakePlatform, type FakeStream, settle } from './fake-platform.ts';

type Weather =
  | { readonly kind: 'publish'; readonly count: number }
  /** The server keeps no more than the newest. */
  | { readonly kind: 'trim'; readonly kept: number }
  /** The stream is reset; events that were sent with it may not have been read. */
  | { readonly kind: 'cut'; readonly unread: number }
  /** An event is not sent, though later ones are. */
  | { readonly kind: 'swallow' }
  /** Replays begin before the position that was asked for. */
  | { readonly kind: 'repeat' }
  | { readonly kind: 'freeze' }
  | { readonly kind: 'other channel' }
  | { readonly kind: 'reconnect' }
  | { readonly kind: 'take'; readonly count: number };

const weather: fc.Arbitrary<Weather> = fc.oneof(
  fc.record({ kind: fc.constant('publish' as const), count: fc.integer({ min: 1, max: 8 }) }),
  fc.record({ kind: fc.constant('trim' as const), kept: fc.integer({ min: 0, max: 4 }) }),
  fc.record({ kind: fc.constant('cut' as const), unread: fc.nat(3) }),
  fc.record({ kind: fc.constant('take' as const), count: fc.integer({ min: 1, max: 6 }) }),
  fc.constantFrom<Weather>(
    { kind: 'swallow' },
    { kind: 'repeat' },
    { kind: 'freeze' },
    { kind: 'other channel' },
    { kind: 'reconnect' },
  ),
);

/** One log, and the stream that the client has open, if any. */
class World {
  readonly client: Client<Shapes>;
  readonly platform: FakePlatform;
  /** Offsets that the handler got, and null where it was told of a loss. */
  readonly handled: (number | null)[] = [];
  readonly looped: number[] = [];
  #head = 0;
  #trimmed = 0;
  #repeats = false;
  #stream: FakeStream | undefined;
  /** The open stream follows the log. */
  #follows = false;
  /** Posts that were looked at. */
  #posts = 0;
  #others = 0;
  readonly #loop: AsyncIterator<{ readonly data: unknown }>;

  constructor() {
    const { client, platform } = harness({ maxQueuedEvents: 4 });
    this.client = client;
    this.platform = platform;
    const channel = client.channel('log:a');
    channel.on('added', (offset) => this.handled.push(offset));
    channel.onLost(() => this.handled.push(null));
    this.#loop = channel[Symbol.asyncIterator]();
  }

  get head(): number {
    return this.#head;
  }

  async suffer(event: Weather): Promise<void> {
    if (event.kind === 'publish') for (let count = 0; count < event.count; count += 1) this.#send(++this.#head);
    if (event.kind === 'swallow') this.#head += 1;
    if (event.kind === 'trim') this.#trimmed = Math.max(this.#trimmed, this.#head - event.kept);
    if (event.kind === 'cut') {
      for (let count = 0; count < event.unread; count += 1) this.#send(++this.#head);
      this.#stream?.cut();
      this.#stream = undefined;
    }
    if (event.kind === 'repeat') this.#repeats = !this.#repeats;
    if (event.kind === 'freeze') {
      this.platform.freeze(60_000);
      this.platform.signal('visible');
    }
    if (event.kind === 'other channel') this.client.channel(`log:other-${this.#others++}`).on('added', () => undefined);
    if (event.kind === 'reconnect') this.client.reconnect();
    if (event.kind === 'take') await this.take(event.count);
    await this.serve();
  }

  /** The weather is over. Another event shows whether one was missing before it, and a wait for that is cut short. */
  async calm(): Promise<void> {
    for (let rounds = 0; rounds < 2; rounds += 1) {
      this.client.reconnect();
      await this.serve();
      await this.suffer({ kind: 'publish', count: 1 });
    }
  }

  /** Lets the loop ask for some events; it gets what is there, and what the client reads again for it. */
  async take(count: number): Promise<void> {
    for (let taken = 0; taken < count; taken += 1) {
      if (this.looped.at(-1) === this.#head) return;
      let done = false;
      void this.#loop.next().then(({ value }) => {
        done = true;
        if (typeof value?.data === 'number') this.looped.push(value.data);
      });
      for (let turns = 0; turns < 20 && !done; turns += 1) {
        await this.serve();
        if (turns > 4) this.platform.signal('visible');
      }
      if (!done) return;
    }
  }

  /** Answers the newest request, if it has no answer yet, and the commands for its stream. */
  async serve(): Promise<void> {
    await settle();
    const stream = this.platform.streams.at(-1);
    if (stream !== undefined && stream !== this.#stream && !stream.aborted) {
      this.#stream = stream;
      this.#follows = stream.asked.has('log:a');
      const frames = this.#follows ? this.#replay(stream.asked.get('log:a')) : [];
      stream.frames({ type: 'connected', connection: this.#connection, heartbeatMs: 10_000 }, ...frames);
      await settle();
    }
    this.#obey();
    await settle();
  }

  get #connection(): string {
    return `c${this.platform.streams.length}`;
  }

  #obey(): void {
    const posts = this.platform.posts.slice(this.#posts);
    this.#posts += posts.length;
    for (const { url, frames } of posts) {
      if (!url.pathname.endsWith(`/${this.#connection}`)) continue;
      for (const { type, channel, position, id } of frames) {
        if (channel !== 'log:a') continue;
        this.#follows = type === 'subscribe';
        const answer = this.#follows ? this.#replay(position, id) : [{ type: 'unsubscribed', channel } as const];
        if (!this.#stream?.aborted) this.#stream?.frames(...answer);
      }
    }
  }

  /** How a subscription from that position on begins. */
  #replay(position: unknown, id?: unknown): readonly ServerFrame[] {
    const [first, ...missed] = this.#replayed(position);
    return first === undefined ? [] : [{ ...first, ...(typeof id === 'number' ? { id } : {}) }, ...missed];
  }

  #replayed(position: unknown): readonly ServerFrame[] {
    const read = decodePosition(String(position));
    const at = (offset: number): string => `e.${offset.toString(36)}`;
    if (!read.ok) return [subscribed('log:a', at(this.#head))];
    const asked = read.value.offset;
    if (asked < this.#trimmed) return [subscribed('log:a', at(this.#head), false, 'trimmed')];
    const from = this.#repeats ? Math.max(this.#trimmed, asked - 2) : asked;
    const missed = Array.from({ length: this.#head - from }, (_, index) => added('log:a', from + 1 + index));
    return [subscribed('log:a', at(asked), true), ...missed];
  }

  #send(offset: number): void {
    if (this.#follows && this.#stream?.aborted === false) this.#stream.frames(added('log:a', offset));
  }
}

describe('in any weather', () => {
  it('a handler gets every event once and in order, or is told of the loss before what follows it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(weather, { maxLength: 25 }), async (events) => {
        const world = new World();
        await world.serve();
        for (const event of events) await world.suffer(event);
        await world.calm();

        let last = 0;
        let lost = false;
        for (const offset of world.handled) {
          if (offset === null) lost = true;
          else {
            expect(offset).toBeGreaterThan(last);
            if (!lost) expect(offset).toBe(last + 1);
            last = offset;
            lost = false;
          }
        }
        expect(last).toBe(world.head);
        world.client.close();
      }),
      { numRuns: 150 },
    );
  });

  it('a slow loop gets what the handler gets, once and in order, however little waits for it', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(weather, { maxLength: 25 }), async (events) => {
        const world = new World();
        await world.serve();
        for (const event of events) await world.suffer(event);
        await world.calm();
        await world.take(world.head);
        // What it was still to read again may be gone: then it goes on with what comes next.
        await world.suffer({ kind: 'publish', count: 1 });
        await world.take(1);

        const gaps = world.looped.filter((offset, index) => offset !== (world.looped[index - 1] ?? 0) + 1);
        const losses = world.handled.filter((offset) => offset === null).length;
        expect(world.looped).toEqual([...new Set(world.looped)].sort((one, other) => one - other));
        expect(gaps.length).toBeLessThanOrEqual(losses);
        expect(world.looped.at(-1)).toBe(world.head);
        world.client.close();
      }),
      { numRuns: 150 },
    );
  });
});
