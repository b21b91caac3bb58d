/** One SSE stream over fetch: opens it, reads its frames, and says once how it ended. Unlike EventSource it can set headers. */
import { decodeServerFrame, type ServerFrame, SseDecoder } from '@fanfare/protocol';
import type { Reason } from './connection-phase.ts';
import type { Off } from './listeners.ts';
import type { Platform } from './platform.ts';

export interface StreamRequest {
  readonly url: string;
  readonly init: RequestInit;
}

/** `dropped`: it may pass. `refused`: the server's verdict on this request; `channel`: the one it is about, where it says so. */
export type StreamEnd =
  | { readonly kind: 'dropped'; readonly reason: Reason; readonly retryAfterMs?: number }
  | { readonly kind: 'refused'; readonly reason: Reason; readonly status: number; readonly channel: unknown };

export interface StreamListener {
  /** The answer's headers came, this long after the request. */
  opened(latencyMs: number): void;
  retry(ms: number): void;
  frame(frame: ServerFrame): void;
  /** Text that is no frame this client knows. */
  unreadable(problem: string): void;
  /** Everything that one piece of the stream held was handed over. */
  read(): void;
  /** Once, and last; not after the stream was closed from this side. */
  ended(end: StreamEnd): void;
}

export interface StreamOptions {
  /** Composed as late as possible: its cursor must be where the client stands when the request leaves. */
  readonly request: (signal: AbortSignal) => Promise<StreamRequest>;
  readonly platform: Platform;
  readonly listener: StreamListener;
}

/** Returns what closes the stream; nothing is told after that. */
export function openSseStream(options: StreamOptions): Off {
  const abort = new AbortController();
  const finish = (end: StreamEnd): void => {
    if (abort.signal.aborted) return;
    // Whatever of the answer is unread is not wanted.
    abort.abort();
    options.listener.ended(end);
  };
  readStream(options, abort.signal).then(finish, (error: unknown) => finish(dropped('NETWORK', describe(error))));
  return () => abort.abort();
}

async function readStream({ request, platform, listener }: StreamOptions, signal: AbortSignal): Promise<StreamEnd> {
  const { url, init } = await request(signal);
  const askedAt = platform.now();
  const response = await platform.fetch(url, { ...init, signal });
  signal.throwIfAborted();
  if (response.status !== 200) return verdict(response, platform);
  const type = response.headers.get('content-type') ?? '';
  // A hotel's login page answers 200, too.
  if (!type.startsWith('text/event-stream') || response.body === null) {
    return dropped('NOT_A_STREAM', `Expected text/event-stream, got ${type === '' ? 'no content type' : type}.`);
  }
  listener.opened(platform.now() - askedAt);
  await readBody(response.body, listener, signal);
  return dropped('STREAM_ENDED', 'The stream ended without saying why.');
}

async function readBody(
  body: ReadableStream<Uint8Array>,
  listener: StreamListener,
  signal: AbortSignal,
): Promise<void> {
  const text = new TextDecoder();
  const decoder = new SseDecoder({
    onRetry: (ms) => !signal.aborted && listener.retry(ms),
    onEvent: ({ data }) => {
      if (signal.aborted) return;
      const frame = decodeServerFrame(data);
      if (frame.ok) listener.frame(frame.value);
      else listener.unreadable(`${frame.problem.field}: expected ${frame.problem.expected}, got ${frame.problem.got}`);
    },
  });
  const reader = body.getReader();
  for (;;) {
    const { done, value } = await reader.read();
    if (done || signal.aborted) return;
    decoder.feed(text.decode(value, { stream: true }));
    if (!signal.aborted) listener.read();
  }
}

/** Statuses below 500 that say "later" rather than "no". */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);

async function verdict(response: Response, platform: Platform): Promise<StreamEnd> {
  const { status } = response;
  const { reason, channel } = await readError(response);
  if (status < 500 && !LATER.has(status)) return { kind: 'refused', reason, status, channel };
  const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), platform.wallTime());
  return retryAfterMs === undefined ? { kind: 'dropped', reason } : { kind: 'dropped', reason, retryAfterMs };
}

/** The error's own words, where the body is `{"error":{"code","message","details":{"channel"}}}`. */
async function readError(response: Response): Promise<{ readonly reason: Reason; readonly channel?: unknown }> {
  const { status, statusText } = response;
  const plain = { code: `HTTP_${status}`, message: `The server answered ${status} ${statusText}`.trimEnd() };
  const body: unknown = await response.json().catch(() => undefined);
  const { code, message, details } = fieldsOf(fieldsOf(body)['error']);
  const known = typeof code === 'string' && typeof message === 'string';
  return { reason: known ? { code, message } : plain, channel: fieldsOf(details)['channel'] };
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** Seconds, or an HTTP date; undefined when absent or neither. */
function readRetryAfter(header: string | null, wallTime: number): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - wallTime;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}

function dropped(code: string, message: string): StreamEnd {
  return { kind: 'dropped', reason: { code, message } };
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
