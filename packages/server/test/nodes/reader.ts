/** A client as pages have one, on one wire, that writes down what it is handed: what the oracle judges. */
import { type Client, createClient } from '@fanfare/client';
import type { Handed } from '@fanfare/testkit';
import { expect, vi } from 'vitest';

export type Wire = 'ws' | 'sse' | 'poll';

/** Waits as short as the protocol allows. */
const RULES = { baseMs: 200, capMs: 2000, connectTimeoutMs: 3000 };
const SOON = { timeout: 45_000, interval: 10 };

export class Reader implements Disposable {
  readonly handed: Handed[] = [];
  readonly #client: Client;
  readonly #channel: ReturnType<Client['channel']>;

  constructor(url: string, wire: Wire, channel: string) {
    this.#client = createClient({ url, transports: [wire], tabs: false, rules: RULES, onError: () => undefined });
    this.#channel = this.#client.channel(channel);
    this.#channel.on('n', (data, { position }) => {
      this.handed.push({ kind: 'event', payload: String(data), position: position ?? '' });
    });
    this.#channel.onLost(({ cause }) => this.handed.push({ kind: 'lost', cause }));
  }

  get payloads(): readonly string[] {
    return this.handed.flatMap((one) => (one.kind === 'event' ? [one.payload] : []));
  }

  get losses(): readonly string[] {
    return this.handed.flatMap((one) => (one.kind === 'lost' ? [one.cause] : []));
  }

  async subscribed(): Promise<this> {
    await vi.waitFor(() => expect(this.#channel.subscription.status).toBe('subscribed'), SOON);
    return this;
  }

  /** Resolves when it was handed something that it had not been before. */
  async getsMore(): Promise<void> {
    const before = this.handed.length;
    await vi.waitFor(() => expect(this.handed.length).toBeGreaterThan(before), SOON);
  }

  async gets(payload: string): Promise<void> {
    const last = (): boolean =>
      this.handed.findLast((one) => one.kind === 'event' && one.payload === payload) !== undefined;
    await vi.waitFor(() => expect(last()).toBe(true), SOON);
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}
