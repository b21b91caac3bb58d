/** The heartbeat's own rules: nothing for nobody, something at once for the first to come, right rates. */
import type { HubEvent, HubObserver, HubStats } from 'fanfare';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ServerStatus } from '../server/channels.ts';
import { beatEverySecond, type PulseOptions } from '../server/status.ts';

/** A hub of which the test says who watches and what happened. */
class FakePulse {
  watchers = 0;
  published = 0;
  delivered = 0;
  uptimeMs = 0;
  readonly set: ServerStatus[] = [];
  #observer: HubObserver = () => {};

  options(): PulseOptions {
    return {
      live: {
        stats: () => this.#stats(),
        channels: () => [{ channel: 'server:status', subscribers: this.watchers }],
        observe: (observer) => {
          this.#observer = observer;
          return () => {
            this.#observer = () => {};
          };
        },
      },
      publish: async (status) => {
        this.set.push(status);
      },
      onError: () => {},
    };
  }

  emit(event: HubEvent): void {
    this.#observer(event);
  }

  second(published: number, delivered: number): void {
    this.published += published;
    this.delivered += delivered;
    this.uptimeMs += 1000;
    vi.advanceTimersByTime(1000);
  }

  #stats(): HubStats {
    const { published, delivered, uptimeMs, watchers } = this;
    const quiet = { conflated: 0, droppedSignals: 0, slowConsumers: 0, limitHits: {} };
    return { ...quiet, published, delivered, uptimeMs, connections: watchers, subscriptions: watchers, channels: 1 };
  }
}

const SUBSCRIBED: HubEvent = { kind: 'subscribed', connection: 'c', channel: 'server:status' };

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('beatEverySecond', () => {
  it('publishes nothing while nobody watches', () => {
    const hub = new FakePulse();
    beatEverySecond(hub.options());

    for (let n = 0; n < 5; n += 1) hub.second(100, 1000);

    expect(hub.set).toEqual([]);
  });

  it('publishes the rates of the last second, every second, while somebody watches', () => {
    const hub = new FakePulse();
    hub.watchers = 2;
    beatEverySecond(hub.options());

    hub.second(10, 1000);
    hub.second(20, 500);

    expect(hub.set).toEqual([
      { connections: 2, subscriptions: 2, channels: 1, eventsPerSecond: 10, deliveredPerSecond: 1000, uptimeMs: 1000 },
      { connections: 2, subscriptions: 2, channels: 1, eventsPerSecond: 20, deliveredPerSecond: 500, uptimeMs: 2000 },
    ]);
  });

  it('gives the first to come a fresh value at once, and leaves later ones to the next beat', () => {
    const hub = new FakePulse();
    beatEverySecond(hub.options());
    hub.second(7, 70);
    hub.uptimeMs += 400.25;
    hub.watchers = 1;

    hub.emit({ ...SUBSCRIBED, channel: 'public:hello' });
    expect(hub.set).toEqual([]);
    hub.emit(SUBSCRIBED);
    hub.watchers = 2;
    hub.emit(SUBSCRIBED);

    expect(hub.set).toMatchObject([{ connections: 1, eventsPerSecond: 7, deliveredPerSecond: 70, uptimeMs: 1400 }]);
  });

  it('tells its owner when it cannot publish, goes on, and stops when told', async () => {
    const hub = new FakePulse();
    hub.watchers = 1;
    const failures: unknown[] = [];
    const stop = beatEverySecond({
      ...hub.options(),
      publish: () => Promise.reject(new Error('disk full')),
      onError: (error) => failures.push(error),
    });

    hub.second(0, 0);
    hub.second(0, 0);
    await vi.waitFor(() => expect(failures).toHaveLength(2));
    stop();
    hub.second(0, 0);

    expect(vi.getTimerCount()).toBe(0);
    expect(failures).toHaveLength(2);
  });
});
