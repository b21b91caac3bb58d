/** What the server's HTTP answers mean for a wire: may it pass, or was that a verdict [PROTOCOL §6.4]. */
import type { TransportName } from '@fanfare/protocol';
import { ClientError, wordsOf } from '../client-error.ts';
import { because } from '../connection-phase.ts';
import type { Surroundings } from '../platform.ts';
import type { WireEnd, WireOptions } from '../wire.ts';

/** Of an answer that is not 200. */
export async function endOf(response: Response, platform: Surroundings): Promise<WireEnd> {
  const { status, headers } = response;
  const { code, message, details } = readError(await response.json().catch(() => undefined));
  const header = headers.get('retry-after') ?? '';
  // Seconds, or an HTTP date.
  const retryAfterMs = Number(header) * 1000 || Date.parse(header) - platform.wallTime();
  return {
    ...details,
    reason: because(code ?? `HTTP_${status}`, message),
    // Below 500 all say "no", but for two that say "later". What has no code was said by somebody on the way, who blocks what he does
    // not know; but for a 401, which is often a gateway's that knows the same tokens.
    verdict: status === 401 || (code && status < 500 && status !== 408 && status !== 429) ? status : undefined,
    retryAfterMs: retryAfterMs > 0 ? retryAfterMs : undefined,
  };
}

/** Tells how it ends: as it says, or by what fetch, reading the body, or asking for the token threw. */
export function endAs({ tell }: Pick<WireOptions, 'tell'>, end: Promise<WireEnd>): void {
  void end.catch(endOfFault).then((how) => tell({ ...how, type: 'ended' }));
}

export function endOfFault(error: unknown): WireEnd {
  return { reason: because(error instanceof ClientError ? error.code : 'NETWORK', wordsOf(error)) };
}

/** A request to the server, with the credential of this attempt. */
export function ask(
  { platform, credentials, signal }: WireOptions,
  url: URL,
  token: string | undefined,
  init?: RequestInit,
): Promise<Response> {
  const headers = { ...init?.headers, ...(token && { authorization: `Bearer ${token}` }) };
  return platform.fetch(url.href, { signal, credentials, cache: 'no-store', ...init, headers });
}

/** Asks for the channel from where it stands. */
export function addChannel(url: URL, name: string, position: string | undefined): void {
  url.searchParams.append('channel', position === undefined ? name : `${name}@${position}`);
}

interface HttpError {
  readonly code?: string;
  readonly message?: string;
  readonly details?: { readonly channel?: string; readonly transports?: readonly TransportName[] };
}

/** The error's own words, where the body is `{"error":{"code","message","details":{"channel"}}}`. */
function readError(body: unknown): HttpError {
  return (body as { readonly error?: HttpError } | undefined | null)?.error ?? {};
}
