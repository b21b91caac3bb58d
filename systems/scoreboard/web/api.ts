/** The scoreboard's HTTP paths as the pages use them. Every outcome is a value; nothing here rejects. */
import { currentLanguage } from '@fanfare/react';
import type { Snapshot } from '@fanfare-systems/scoreboard/rules';
import type { Tap, TapAnswer } from './umpire/tap-queue.ts';

/** Longer than any healthy answer, short enough that a dead network is noticed. */
const TIMEOUT_MS = 6000;

/** `undefined`: no answer came at all, or one that is nobody's (a proxy's error page). */
export interface Reply {
  readonly status: number;
  readonly body: unknown;
  readonly etag: string | undefined;
  readonly retryAfter: number;
}

export async function request(path: string, init: RequestInit = {}): Promise<Reply | undefined> {
  try {
    const response = await fetch(path, {
      ...init,
      credentials: 'same-origin',
      cache: 'no-store',
      headers: { Accept: 'application/json', 'Accept-Language': currentLanguage(), ...init.headers },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const text = await response.text();
    return {
      status: response.status,
      body: text === '' ? undefined : JSON.parse(text),
      etag: response.headers.get('etag') ?? undefined,
      retryAfter: Number(response.headers.get('retry-after')) || 0,
    };
  } catch {
    return undefined;
  }
}

export function post(path: string, body: unknown): Promise<Reply | undefined> {
  return request(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
}

/** The stable code of an error answer. */
export function errorCode(reply: Reply): string {
  const code = field(field(reply.body, 'error'), 'code');
  return typeof code === 'string' ? code : `HTTP_${reply.status}`;
}

/** The answer's sentence, in the page's language. */
export function errorMessage(reply: Reply): string {
  const message = field(field(reply.body, 'error'), 'message');
  return typeof message === 'string' ? message : '';
}

export type PinOutcome =
  | { readonly kind: 'found'; readonly courtName: string; readonly active: boolean }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'limited'; readonly seconds: number }
  | { readonly kind: 'unreachable' };

/** Whose PIN is this? */
export async function lookUpPin(pin: string): Promise<PinOutcome> {
  const reply = await request(`/api/court/${encodeURIComponent(pin)}/status`);
  if (reply === undefined) return { kind: 'unreachable' };
  if (reply.status === 200) {
    const name = field(reply.body, 'courtName');
    return {
      kind: 'found',
      courtName: typeof name === 'string' ? name : pin,
      active: field(reply.body, 'active') === true,
    };
  }
  if (reply.status === 429) return { kind: 'limited', seconds: Math.max(1, reply.retryAfter) };
  return reply.status === 404 || reply.status === 400 ? { kind: 'unknown' } : { kind: 'unreachable' };
}

/** Sends an umpire's tap. What the umpire saw goes along where the action means it. */
export async function sendTap(pin: string, tap: Tap): Promise<TapAnswer> {
  const { key, action, side, seen, matchId } = tap;
  const meansWhatWasSeen = action === 'undo' || action === 'nextGame' || action === 'reset' || action === 'retire';
  const reply = await post(`/api/court/${encodeURIComponent(pin)}/actions`, {
    action,
    ...(side === undefined ? {} : { side }),
    idempotencyKey: key,
    // A tap that waited out an outage must never count for the next match on this court.
    ...(matchId === null ? {} : { matchId }),
    ...(meansWhatWasSeen ? { expectedVersion: seen } : {}),
  });
  if (reply === undefined || reply.status >= 500 || reply.status === 429) return { kind: 'unreachable', key };
  if (reply.status === 200 && isSnapshot(reply.body)) return { kind: 'counted', key, snapshot: reply.body };
  const code = errorCode(reply);
  if (LOCKS.has(code)) return { kind: 'locked', key, code };
  const truth = field(field(field(reply.body, 'error'), 'details'), 'snapshot');
  return isSnapshot(truth) ? { kind: 'refused', key, code, snapshot: truth } : { kind: 'refused', key, code };
}

/** This device may not score now; the tap itself is in order. */
const LOCKS: ReadonlySet<string> = new Set(['SESSION_INVALID', 'DEVICE_NOT_VERIFIED', 'DEVICE_BLOCKED']);

export function isSnapshot(value: unknown): value is Snapshot {
  return Array.isArray(field(value, 'score')) && Array.isArray(field(value, 'games'));
}

export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
