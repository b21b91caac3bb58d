/** The inbox's HTTP paths as the pages use them. Every outcome is a value; nothing here rejects. */
import { currentLanguage } from '@fanfare/react';
import type { Analytics, Note, Preferences } from '@fanfare-systems/inbox';
import type { PreferencesChange } from '@fanfare-systems/inbox/rules';

export interface SessionUser {
  readonly id: number;
  readonly username: string;
  readonly name: string;
  readonly roles: readonly string[];
}

export interface Listed {
  readonly items: readonly Note[];
  readonly unread: number;
  /** null: there is nothing older. */
  readonly next: number | null;
}

export interface SendAnswer {
  readonly sent: number;
  readonly muted: readonly number[];
}

export interface Recipients {
  readonly users: readonly SessionUser[];
  readonly roles: readonly string[];
}

export interface TransportFacts {
  readonly transports: readonly string[];
  readonly available: readonly string[];
  readonly connections: Readonly<Record<string, number>>;
}

/** `reason`: the server's sentence, in the page's language; undefined: no answer came. `field`: what it is about, where it is one. */
export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly status: number; readonly reason: string | undefined; readonly field?: string };

/** Longer than any healthy answer, short enough that a dead network is noticed. */
const TIMEOUT_MS = 8000;
const BASE = '/api/notifications/';

export async function whoAmI(): Promise<Answer<SessionUser | undefined>> {
  const answer = await request<{ readonly user: SessionUser | null }>('GET', '/api/me');
  return answer.ok ? { ok: true, value: answer.value.user ?? undefined } : answer;
}

export function logIn(username: string, password: string): Promise<Answer<unknown>> {
  return request('POST', '/api/login', { username, password });
}

export function logOut(): Promise<Answer<unknown>> {
  return request('POST', '/api/logout', {});
}

/** Demo users of this server; refused where there are none. */
export function demoPeople(): Promise<Answer<{ readonly people: readonly Omit<SessionUser, 'id'>[] }>> {
  return request('GET', '/api/showcase');
}

/** Newest first, older than `before`. */
export function listNotes(before?: number): Promise<Answer<Listed>> {
  return request('GET', before === undefined ? BASE : `${BASE}?before=${before}`);
}

export function readOne(id: number): Promise<Answer<unknown>> {
  return request('POST', `${BASE}${id}/read/`);
}

export function readAll(upTo: number): Promise<Answer<unknown>> {
  return request('POST', `${BASE}read-all/`, { up_to: upTo });
}

export function getPreferences(): Promise<Answer<Preferences>> {
  return request('GET', `${BASE}preferences/`);
}

export function putPreferences(change: PreferencesChange): Promise<Answer<Preferences>> {
  return request('PUT', `${BASE}preferences/`, change);
}

export function sendNote(order: Readonly<Record<string, unknown>>): Promise<Answer<SendAnswer>> {
  return request('POST', `${BASE}trigger/`, order);
}

export function getRecipients(): Promise<Answer<Recipients>> {
  return request('GET', `${BASE}recipients/`);
}

export function getAnalytics(days: number): Promise<Answer<Analytics>> {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return request('GET', `${BASE}analytics/?days=${days}&time_zone=${encodeURIComponent(timeZone)}`);
}

export function getTransports(): Promise<Answer<TransportFacts>> {
  return request('GET', `${BASE}transports/`);
}

export function putTransports(transports: readonly string[]): Promise<Answer<TransportFacts>> {
  return request('PUT', `${BASE}transports/`, { transports });
}

async function request<T>(method: 'GET' | 'POST' | 'PUT', path: string, body?: unknown): Promise<Answer<T>> {
  try {
    const response = await fetch(path, {
      method,
      headers: {
        'Accept-Language': currentLanguage(),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // What was marked is marked, also where the click leads to another page.
      keepalive: method !== 'GET',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    const content: unknown = response.status === 204 ? undefined : await response.json();
    // Our own server of the same version: its answers have the declared shape.
    if (response.ok) return { ok: true, value: content as T };
    const { error } = content as {
      readonly error?: { readonly message?: string; readonly details?: { readonly field?: string } };
    };
    const field = error?.details?.field;
    return { ok: false, status: response.status, reason: error?.message, ...(field === undefined ? {} : { field }) };
  } catch {
    return { ok: false, status: 0, reason: undefined };
  }
}
