/** The few requests this page makes. Each answers with a value or with a reason to show, never with a throw. */
import { currentLanguage } from '@fanfare/react';

export interface SessionUser {
  readonly id: number;
  readonly username: string;
  readonly roles: readonly string[];
  readonly name: string;
}

export interface DemoPerson {
  readonly username: string;
  readonly name: string;
  readonly roles: readonly string[];
}

export type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string | undefined; readonly status?: number };

/** Who this browser is logged in as; undefined: nobody. */
export async function whoAmI(): Promise<Answer<SessionUser | undefined>> {
  const answer = await request<{ readonly user: SessionUser | null }>('GET', '/api/me');
  return answer.ok ? { ok: true, value: answer.value.user ?? undefined } : answer;
}

export async function logIn(username: string, password: string): Promise<Answer<SessionUser>> {
  const answer = await request<{ readonly user: SessionUser }>('POST', '/api/login', { username, password });
  return answer.ok ? { ok: true, value: answer.value.user } : answer;
}

export function logOut(): Promise<Answer<unknown>> {
  return request('POST', '/api/logout', {});
}

/** Demo users of this server; none on a server that was set up by hand. */
export async function demoPeople(): Promise<Answer<readonly DemoPerson[]>> {
  const answer = await request<{ readonly people: readonly DemoPerson[] }>('GET', '/api/showcase');
  return answer.ok ? { ok: true, value: answer.value.people } : answer;
}

/** What the court with this PIN is called. */
export async function courtName(pin: string): Promise<Answer<string>> {
  const answer = await request<{ readonly courtName: string }>('GET', `/api/court/${encodeURIComponent(pin)}/status`);
  return answer.ok ? { ok: true, value: answer.value.courtName } : answer;
}

/** Publishes a greeting to `public:hello`; for admins. */
export function sendHello(text: string): Promise<Answer<unknown>> {
  return request('POST', '/api/showcase/hello', { text });
}

/** Turns the dial that everybody on the components page sees. */
export function turnDial(points: number): Promise<Answer<unknown>> {
  return request('POST', '/api/showcase/dial', { points });
}

export async function request<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<Answer<T>> {
  try {
    const response = await fetch(path, {
      method,
      headers: {
        'Accept-Language': currentLanguage(),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const content: unknown = response.status === 204 ? undefined : await response.json();
    // Our own server of the same version: its answers have the declared shape.
    if (response.ok) return { ok: true, value: content as T };
    const { error } = content as { readonly error?: { readonly message?: string } };
    return { ok: false, reason: error?.message, status: response.status };
  } catch {
    return { ok: false, reason: undefined };
  }
}
