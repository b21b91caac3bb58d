/** The broker over Redis: every append is one script, and every follower is fed by `Feeds`. */
import type {
  Appended,
  AppendRequest,
  Broker,
  FollowListener,
  ReadOutcome,
  ReadRequest,
  Unfollow,
} from '../../core/ports/broker.ts';
import type { Clock } from '../../core/ports/clock.ts';
import { Followers } from '../followers.ts';
import { assertKeepable, gapBefore } from '../history.ts';
import type { IdempotencyBounds } from '../idempotency-window.ts';
import type { CommandQueue } from './command-queue.ts';
import { entryBody, liveMessage } from './event-entry.ts';
import type { Feed } from './feed.ts';
import { Feeds, type FeedsOptions } from './feeds.ts';
import type { KeyLayout } from './key-layout.ts';
import type { AnsweringServer } from './link-pair.ts';
import { parseAppended, parseHead, parseMissed, parseRead } from './replies.ts';

export interface RedisBrokerOptions {
  readonly queue: CommandQueue;
  readonly keys: KeyLayout;
  /** undefined: the clock of Redis, one for all servers. */
  readonly clock: Pick<Clock, 'wallTime'> | undefined;
  readonly idempotency: IdempotencyBounds;
  /** Names this process. */
  readonly origin: string;
  readonly onRefused: FeedsOptions['onRefused'];
  readonly server: () => AnsweringServer;
  /** Sends a signal if it can. */
  readonly publish: (live: string, message: string) => void;
}

/** Events of one answer to who missed some. */
const MISSED_PAGE = 500;

export class RedisBroker implements Broker {
  readonly feeds: Feeds;
  readonly #options: RedisBrokerOptions;
  readonly #followers = new Followers();
  #closed = false;

  constructor(options: RedisBrokerOptions) {
    this.#options = options;
    this.feeds = new Feeds({
      keys: options.keys,
      origin: options.origin,
      begin: (feed) => this.#begin(feed),
      missed: async (channel, { epoch, offset }) => {
        const args = [...this.#history(), epoch, String(offset), String(MISSED_PAGE)];
        return parseMissed(channel, await options.queue.run('missed', this.#channelKeys(channel), args));
      },
      deliver: (events) => this.#followers.deliver(events),
      onRefused: options.onRefused,
    });
  }

  append(request: AppendRequest): Promise<Appended> {
    return new Promise((resolve, reject) => {
      assertKeepable(request);
      this.#options.queue.add({
        script: 'append',
        keys: [...this.#channelKeys(request.channel), this.#options.keys.seen, this.#options.keys.seenOrder],
        args: this.#appendArgs(request),
        done: (reply) => {
          try {
            resolve(this.#appended(request, reply));
          } catch (error) {
            reject(error);
          }
        },
        failed: reject,
      });
    });
  }

  /** Followers of this process have it at once, those of others when it arrives there. */
  broadcast(event: { readonly channel: string; readonly event: string; readonly dataJson: string }): void {
    if (this.#closed) return;
    const { clock, keys, origin, publish } = this.#options;
    const signal = { key: '', epoch: '', offset: 0, time: (clock?.wallTime ?? Date.now)(), ...event };
    const entry = `${signal.time}\n${entryBody(signal)}`;
    publish(keys.live(event.channel), liveMessage({ offset: 0, epoch: origin }, entry));
    this.#followers.deliver([signal]);
  }

  async read(request: ReadRequest): Promise<ReadOutcome> {
    const { after, channel, limit, retention } = request;
    await this.feeds.begun(channel);
    const size = Math.max(0, Math.floor(limit));
    const isOffset = after !== undefined && Number.isSafeInteger(after.offset) && after.offset >= 0;
    const reply = await this.#options.queue.run('read', this.#channelKeys(channel), [
      ...this.#history(),
      this.#now(),
      ...retentionArgs(retention),
      after?.epoch ?? '',
      // Nothing is after infinity: the head alone is answered.
      after === undefined ? '' : isOffset ? String(after.offset) : 'inf',
      String(size + 1),
    ]);
    const { events, head, oldest } = parseRead(channel, reply);
    const cause = after === undefined ? undefined : gapBefore(after, head);
    if (cause !== undefined) return { kind: 'gap', cause, head };
    if (after !== undefined && after.offset + 1 < oldest) return { kind: 'gap', cause: 'trimmed', head };
    return { kind: 'events', events: events.slice(0, size), head, more: events.length > size };
  }

  async head(channel: string): Promise<{ readonly epoch: string; readonly offset: number }> {
    await this.feeds.begun(channel);
    const { keys, queue } = this.#options;
    return parseHead(await queue.run('head', [keys.history, keys.channel(channel).head], this.#history()));
  }

  follow(channel: string, listener: FollowListener): Unfollow {
    const unfollow = this.#followers.follow(channel, listener);
    this.feeds.open(channel);
    return () => {
      unfollow();
      if (!this.#followers.has(channel)) this.feeds.close(channel);
    };
  }

  close(): void {
    this.#closed = true;
    this.feeds.end();
    this.#followers.clear();
  }

  #begin(feed: Feed): Promise<void> {
    const { keys, queue } = this.#options;
    return new Promise((resolve, reject) => {
      queue.add({
        script: 'head',
        keys: [keys.history, keys.channel(feed.channel).head],
        args: this.#history(),
        done: (reply) => {
          const { epoch, offset } = parseHead(reply);
          feed.begin(epoch, offset);
          resolve();
        },
        failed: reject,
      });
    });
  }

  #appended(request: AppendRequest, reply: unknown): Appended {
    const { duplicate, position, time } = parseAppended(reply);
    if (!duplicate) {
      const { channel, dataJson, event, key } = request;
      this.feeds.stored({ channel, event, dataJson, key, ...position, time });
    }
    return { position, duplicate, ack: this.#options.server().ack };
  }

  #appendArgs(request: AppendRequest): string[] {
    const { channel, idempotencyKey, key, retention } = request;
    const { idempotency, keys } = this.#options;
    return [
      ...this.#history(),
      this.#now(),
      keys.live(channel),
      entryBody(request),
      ...entryKind(retention, key),
      // Keys hold no NUL (assertKeepable), so no two pairs share a name.
      idempotencyKey === undefined ? '' : `${idempotencyKey}\0${channel}`,
      String(idempotency.count),
      String(idempotency.ageMs),
    ];
  }

  #channelKeys(channel: string): string[] {
    const { head, log, order, values } = this.#options.keys.channel(channel);
    return [this.#options.keys.history, head, log, order, values];
  }

  /** What a new epoch would be made of. */
  #history(): [string, string] {
    return [this.#options.server().mark, this.#options.origin];
  }

  #now(): string {
    const { clock } = this.#options;
    return clock === undefined ? '' : String(clock.wallTime());
  }
}

/** kind, key, count, age */
function entryKind(retention: AppendRequest['retention'], key: string): [string, string, string, string] {
  const [kind, count, age] = retentionArgs(retention);
  return [kind, key, count, age];
}

/** kind, count, age */
function retentionArgs(retention: AppendRequest['retention']): [string, string, string] {
  if (retention.kind === 'newest') return ['newest', '', ''];
  const { ageMs, count } = retention;
  return ['window', count === undefined ? '' : String(count), ageMs === undefined ? '' : String(ageMs)];
}
