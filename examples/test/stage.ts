/** What the examples play on: `fanfare serve` as a child on a free port, and somebody who listens. */
import { fileURLToPath } from 'node:url';
import { type ServerProcess, startServerProcess } from '@fanfare/testkit';
import { EventSource } from 'eventsource';

export const API_KEY = 'key-of-the-examples';

/** The path of a file of this folder's parent. */
export const example = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

export function startFanfare(env: Readonly<Record<string, string>> = {}): Promise<ServerProcess> {
  const script = example('../packages/server/bin/fanfare.js');
  return startServerProcess({
    script,
    args: ['serve'],
    env: { FANFARE_API_KEY: API_KEY, ...env },
    readyWithinMs: 60_000,
  });
}

/** A bare EventSource on `public:orders`: the orders that were paid, in the order of their arrival. */
export class Listener {
  readonly orders: unknown[] = [];
  readonly subscribed: Promise<void>;
  readonly #source: EventSource;

  constructor(url: string) {
    this.#source = new EventSource(`${url}/live/sse?channel=public:orders`);
    this.subscribed = new Promise((resolve) => this.#source.addEventListener('subscribed', () => resolve()));
    this.#source.addEventListener('paid', (event) => this.orders.push(JSON.parse(event.data).data.order));
  }

  close(): void {
    this.#source.close();
  }
}

/** What the publishers of the examples do. */
export async function publishOrder(url: string, order: number): Promise<void> {
  await call(url, 'publish', { channel: 'public:orders', event: 'paid', data: { order } });
}

export async function setStock(url: string, left: number): Promise<void> {
  await call(url, 'set', { channel: 'public-state:lamp', data: { left } });
}

/** How many listen to `public:orders` now. */
export async function subscribers(url: string): Promise<number> {
  const { channels } = await call(url, 'channels', {});
  return channels.find(({ channel }: { channel: string }) => channel === 'public:orders')?.subscribers ?? 0;
}

/** The position of the newest order. */
export async function headOf(url: string): Promise<string> {
  const { position } = await call(url, 'history', { channel: 'public:orders', limit: 1000 });
  return position;
}

/** The tag of a poll that has seen the newest order. */
export async function tagOf(url: string): Promise<string> {
  const answer = await fetch(`${url}/live/poll?channel=public:orders`);
  return answer.headers.get('etag') ?? '';
}

async function call(url: string, verb: string, body: object) {
  const answer = await fetch(`${url}/live/api/${verb}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-API-Key': API_KEY },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(await answer.text());
  return answer.json();
}
