/** What the server's HTTP answers mean for a wire: may it pass, or was that a verdict [PROTOCOL §6.4]. */
import { ClientError } from '../client-error.ts';
import type { Reason } from '../connection-phase.ts';
import type { Platform } from '../platform.ts';
import type { WireEnd, WireOptions } from '../wire.ts';

/** Statuses below 500 that say "later" rather than "no". */
const LATER: ReadonlySet<number> = new Set([408, 425, 429]);

/** Of an answer that is not 200. */
export async function endOf(response: Response, platform: Platform): Promise<WireEnd> {
  const { status } = response;
  const { reason, channel, transports } = await readError(response);
  if (status < 500 && !LATER.has(status)) {
    return { kind: 'refused', reason, status, ...(typeof channel === 'string' ? { channel } : {}) };
  }
  const retryAfterMs = readRetryAfter(response.headers.get('retry-after'), platform.wallTime());
  return {
    kind: 'dropped',
    reason,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
    ...(Array.isArray(transports) ? { transports } : {}),
  };
}

/** Of what fetch, reading its body, or asking for the token threw. */
export function endOfFault(error: unknown): WireEnd {
  const code = error instanceof ClientError ? error.code : 'NETWORK';
  return dropped(code, error instanceof Error ? error.message : String(error));
}

export function dropped(code: string, message: string): WireEnd {
  return { kind: 'dropped', reason: { code, message } };
}

/** A request to the server, with the credential of this attempt. */
export function ask(
  options: WireOptions,
  url: URL,
  init: RequestInit & { readonly token: string | undefined },
): Promise<Response> {
  const { token, ...rest } = init;
  const headers = { ...rest.headers, ...(token && { authorization: `Bearer ${token}` }) };
  return options.platform.fetch(url.href, { ...rest, headers, credentials: options.credentials, cache: 'no-store' });
}

/** Adds `channel=NAME@POSITION` for as many as fit into a request line that every server takes; returns those. */
export function addChannels(url: URL, { wanted, present }: WireOptions['host'], maxLength: number): Set<string> {
  const added = new Set<string>();
  for (const name of wanted()) {
    if (url.href.length > maxLength) break;
    const position = present(name);
    url.searchParams.append('channel', position === undefined ? name : `${name}@${position}`);
    added.add(name);
  }
  return added;
}

interface HttpError {
  readonly reason: Reason;
  readonly channel?: unknown;
  readonly transports?: unknown;
}

/** The error's own words, where the body is `{"error":{"code","message","details":{"channel"}}}`. */
export async function readError(response: Response): Promise<HttpError> {
  const { status, statusText } = response;
  const plain = { code: `HTTP_${status}`, message: `The server answered ${status} ${statusText}`.trimEnd() };
  const body: unknown = await response.json().catch(() => undefined);
  const { code, message, details } = fieldsOf(fieldsOf(body)['error']);
  const known = typeof code === 'string' && typeof message === 'string';
  const { channel, transports } = fieldsOf(details);
  return { reason: known ? { code, message } : plain, channel, transports };
}

export function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}

/** Seconds, or an HTTP date; undefined when absent or neither. */
function readRetryAfter(header: string | null, wallTime: number): number | undefined {
  if (header === null) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - wallTime;
  return Number.isNaN(ms) ? undefined : Math.max(0, ms);
}
