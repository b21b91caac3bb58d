/** The wires that a rule about access has to hold on, and a client of each. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connectPoll, connectSse, connectWs, type WireClient, type WireOptions } from '@fanfare/testkit';
import { type ChannelMap, type FanfareOptions, memory } from '../../src/index.ts';
import { type LiveServer, startWith } from '../transports/live-fixture.ts';

export type Connect = (options: WireOptions) => Promise<WireClient>;

export const WIRES: readonly (readonly [name: string, connect: Connect])[] = [
  ['ws', connectWs],
  ['sse', connectSse],
  ['poll', connectPoll],
];

export const WAIT = { timeout: 20_000, interval: 10 };

/** A server that takes all wires. */
export async function startAll<M extends ChannelMap>(
  options: Partial<FanfareOptions<M>> & { readonly channels: M },
): Promise<LiveServer<M>> {
  const running = await startWith({ engine: memory(), ...options });
  running.live.attach(running.server);
  return running;
}

export interface Answered {
  readonly status: number;
  readonly code: string | undefined;
  readonly body: unknown;
}

/** Status, code of the error and body of an answer. */
export async function answerOf(response: Promise<Response> | Response): Promise<Answered> {
  const answer = await response;
  const text = await answer.text();
  const body: unknown = text.startsWith('{') ? JSON.parse(text) : text;
  return { status: answer.status, code: Object(Object(body).error).code, body };
}

/** A plain server of a test's own, on a free port. */
export async function startStub(
  listener: RequestListener,
): Promise<{ readonly port: number; readonly server: Server } & AsyncDisposable> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    server,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A POST with a JSON body. */
export function post(url: string, body: unknown, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  const all = { 'Content-Type': 'application/json', ...headers };
  return fetch(url, { method: 'POST', headers: all, body: JSON.stringify(body) });
}
