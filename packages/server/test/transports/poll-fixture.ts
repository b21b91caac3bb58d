/** A client of /live/poll: one request, one answer; and a reader that polls in a loop as a page would. */
import { vi } from 'vitest';
import type { AnyFanfare } from '../../src/index.ts';

export interface PollEvent {
  readonly type: string;
  readonly channel: string;
  readonly event: string;
  readonly key?: string;
  readonly position?: string;
  readonly data: unknown;
}

/** The body of an answer, and of an error: whichever came. */
export interface PollBody {
  readonly events: readonly PollEvent[];
  readonly cursor: string;
  readonly recovered: boolean;
  readonly subscriptions: readonly { readonly channel: string; readonly [field: string]: unknown }[];
  readonly connection: string;
  readonly transports?: readonly string[];
  readonly more?: boolean;
  readonly error?: { readonly code: string; readonly message: string; readonly details?: Record<string, unknown> };
}

export interface PollReply extends PollBody {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** Payloads, in order. */
  readonly data: readonly unknown[];
}

const NOTHING: PollBody = { events: [], cursor: '', recovered: true, subscriptions: [], connection: '' };

export interface PollInit {
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal;
  readonly method?: string;
}

/** `query`: what follows `/live/poll?`. */
export async function poll(server: { readonly url: string }, query: string, init: PollInit = {}): Promise<PollReply> {
  const response = await fetch(`${server.url}/live/poll?${query}`, init);
  const text = await response.text();
  const body: PollBody = text === '' ? NOTHING : { ...NOTHING, ...JSON.parse(text) };
  const data = body.events.map((event) => event.data);
  return { ...body, status: response.status, headers: response.headers, text, data };
}

/** Status and code of a refusal. */
export function refusal({ status, error }: PollReply): { readonly status: number; readonly code: string | undefined } {
  return { status, code: error?.code };
}

/** Resolves when so many polls hold their channels, and wait. */
export async function untilWaiting(live: AnyFanfare, polls = 1): Promise<void> {
  await vi.waitUntil(
    () => {
      const connections = live.connections().filter(({ label }) => label === 'poll');
      return connections.length >= polls && connections.every(({ channels }) => channels.length > 0);
    },
    { timeout: 20_000, interval: 10 },
  );
}
