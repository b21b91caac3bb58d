/** A client that knocks on one wire with headers of its own, and what it is told. */
import type { TransportName } from '@fanfare/protocol';
import { RawWebSocket } from '@fanfare/testkit';
import { vi } from 'vitest';
import { RawClient } from '../transports/live-fixture.ts';

export type Told =
  | { readonly kind: 'open' }
  | {
      readonly kind: 'refused';
      /** Of the answer, 101 for a WebSocket. */
      readonly status: number;
      readonly code: string;
      /** Close code; 0 where the wire has none. */
      readonly close: number;
      /** Milliseconds after which to come back; 0: it was not told. */
      readonly retryMs: number;
    };

export interface Knock extends Disposable {
  readonly told: Told;
}

export interface KnockOptions {
  readonly port: number;
  readonly wire: TransportName;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default log:a */
  readonly channel?: string;
}

const WAIT = { timeout: 10_000, interval: 5 };
/** A poll that is not answered by then waits. */
const HELD_MS = 300;

/** Resolves once the client stands, or was refused. */
export function knock(options: KnockOptions): Promise<Knock> {
  return { sse: knockSse, ws: knockWs, poll: knockPoll }[options.wire](options);
}

async function knockSse({ port, headers = {}, channel = 'log:a' }: KnockOptions): Promise<Knock> {
  const client = RawClient.get(port, `/live/sse?channel=${channel}`, headers);
  await vi.waitUntil(() => client.named('connected').length > 0 || client.closed, WAIT);
  const [error] = client.named('error');
  const [close] = client.named('close');
  const told: Told =
    error === undefined && client.status === 200
      ? { kind: 'open' }
      : {
          kind: 'refused',
          status: client.status,
          code: error === undefined ? JSON.parse(client.body).error.code : JSON.parse(error.data).code,
          close: close === undefined ? 0 : JSON.parse(close.data).code,
          retryMs: client.retryMs ?? 0,
        };
  return { told, [Symbol.dispose]: () => client[Symbol.dispose]() };
}

async function knockWs({ port, headers = {}, channel = 'log:a' }: KnockOptions): Promise<Knock> {
  const client = new RawWebSocket({ port, headers });
  client.send({ type: 'subscribe', channel });
  // The refusal of a channel is an answer; that of the connection is followed by its end.
  const isAnswered = (frame: object): boolean => 'channel' in frame;
  const settled = (): boolean => client.closed || client.frames.some(isAnswered);
  await vi.waitUntil(settled, WAIT);
  const error = client.frames.find((frame) => frame.type === 'error');
  const close = client.frames.find((frame) => frame.type === 'close');
  const told: Told =
    error === undefined && !client.closed
      ? { kind: 'open' }
      : {
          kind: 'refused',
          status: client.status,
          code: error?.code ?? JSON.parse(client.body).error.code,
          close: client.closedWith?.code ?? 0,
          retryMs: close?.retryMs ?? 0,
        };
  return { told, [Symbol.dispose]: () => client[Symbol.dispose]() };
}

async function knockPoll({ port, headers = {}, channel = 'log:a' }: KnockOptions): Promise<Knock> {
  const stop = new AbortController();
  const url = `http://127.0.0.1:${port}/live/poll?channel=${channel}&wait=20`;
  const answer = fetch(url, { headers, signal: stop.signal });
  answer.catch(() => {});
  const held = new Promise<'held'>((resolve) => {
    setTimeout(() => resolve('held'), HELD_MS);
  });
  const first = await Promise.race([answer, held]);
  const dispose = (): void => stop.abort();
  if (first === 'held') return { told: { kind: 'open' }, [Symbol.dispose]: dispose };
  const body: unknown = await first.json();
  const retryMs = 1000 * Number(first.headers.get('retry-after') ?? 0);
  const told: Told = { kind: 'refused', status: first.status, code: Object(body).error.code, close: 0, retryMs };
  return { told, [Symbol.dispose]: dispose };
}
