/** A client that knocks on one wire with headers of its own, and what it is told. */
import type { TransportName } from '@fanfare/protocol';
import { RawWebSocket } from '@fanfare/testkit';
import { vi } from 'vitest';
import type { AnyFanfare } from '../../src/index.ts';
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
  /** The server knows of a poll that waits. */
  readonly live: Pick<AnyFanfare, 'connections'>;
  readonly port: number;
  readonly wire: TransportName;
  readonly headers?: Readonly<Record<string, string>>;
  /** @default log:a */
  readonly channel?: string;
}

const WAIT = { timeout: 10_000, interval: 5 };

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

async function knockPoll({ live, port, headers = {}, channel = 'log:a' }: KnockOptions): Promise<Knock> {
  const known = new Set(live.connections().map(({ id }) => id));
  const stop = new AbortController();
  const url = `http://127.0.0.1:${port}/live/poll?channel=${channel}&wait=20`;
  let answer: { readonly res: Response; readonly body: unknown } | undefined;
  fetch(url, { headers, signal: stop.signal })
    .then(async (res) => {
      answer = { res, body: await res.json() };
    })
    .catch(() => {});
  const isHeld = (): boolean => live.connections().some(({ id, label }) => label === 'poll' && !known.has(id));
  const told = await vi.waitUntil((): Told | undefined => {
    if (answer === undefined) return isHeld() ? { kind: 'open' } : undefined;
    const { res, body } = answer;
    const retryMs = 1000 * Number(res.headers.get('retry-after') ?? 0);
    return { kind: 'refused', status: res.status, code: Object(body).error.code, close: 0, retryMs };
  }, WAIT);
  return { told, [Symbol.dispose]: () => stop.abort() };
}
