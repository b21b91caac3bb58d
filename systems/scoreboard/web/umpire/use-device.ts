/** May this device score? Asks the server, and asks again by itself while an organiser has not answered. */
import { useCallback, useEffect, useState } from 'react';
import { errorMessage, field, post, type Reply, request } from '../api.ts';

export type Device =
  | { readonly kind: 'checking' }
  /** `refused`: a user is logged in who is no umpire. */
  | { readonly kind: 'unknown'; readonly refused: boolean }
  | { readonly kind: 'pending'; readonly name: string; readonly id: string }
  | { readonly kind: 'verified' }
  | { readonly kind: 'blocked' };

/** What went wrong, in the server's words; empty: there was no answer. */
export type DeviceFailure = { readonly message: string };

export interface DeviceAccess {
  readonly device: Device;
  readonly logIn: (username: string, password: string) => Promise<DeviceFailure | undefined>;
  readonly ask: (name: string) => Promise<DeviceFailure | undefined>;
  /** The server refused a tap with this code. */
  readonly refused: (code: string) => void;
}

const ASK_AGAIN_MS = 3000;

export function useDevice(): DeviceAccess {
  const [device, setDevice] = useState<Device>({ kind: 'checking' });

  const check = useCallback(async (): Promise<void> => {
    const found = await whoAmI();
    // No answer: what was known stays, and whoever waits asks again.
    if (found !== undefined) setDevice((before) => (isSame(before, found) ? before : found));
  }, []);

  const unsettled = device.kind === 'checking' || device.kind === 'pending' || device.kind === 'blocked';
  useEffect(() => {
    if (!unsettled) return;
    void check();
    const timer = setInterval(() => void check(), ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [check, unsettled]);

  const attempt = useCallback(
    async (path: string, body: unknown): Promise<DeviceFailure | undefined> => {
      const reply = await post(path, body);
      if (reply === undefined || reply.status >= 300) return failureOf(reply);
      await check();
      return undefined;
    },
    [check],
  );
  const logIn = useCallback(
    (username: string, password: string) => attempt('/api/login', { username, password }),
    [attempt],
  );
  const ask = useCallback((name: string) => attempt('/api/devices', { name }), [attempt]);
  const refused = useCallback((code: string): void => {
    setDevice(code === 'DEVICE_BLOCKED' ? { kind: 'blocked' } : { kind: 'checking' });
  }, []);
  return { device, logIn, ask, refused };
}

/** What the server calls this device; an umpire's login counts also where the browser's own device still waits. */
async function whoAmI(): Promise<Device | undefined> {
  const asked = await request('/api/devices/me');
  if (asked === undefined || asked.status >= 500) return undefined;
  const status = asked.status === 200 ? field(asked.body, 'status') : undefined;
  if (status === 'verified' || status === 'blocked') return { kind: status };
  const me = await request('/api/me');
  if (me === undefined || me.status >= 500) return undefined;
  const user = field(me.body, 'user') ?? undefined;
  if (mayScore(user)) return { kind: 'verified' };
  if (status === 'pending') {
    return {
      kind: 'pending',
      name: String(field(asked.body, 'name') ?? ''),
      id: String(field(asked.body, 'id') ?? ''),
    };
  }
  return { kind: 'unknown', refused: user !== undefined };
}

/** Has the user a role that keeps score? */
export function mayScore(user: unknown): boolean {
  const roles = field(user, 'roles');
  return Array.isArray(roles) && SCORING_ROLES.some((role) => roles.includes(role));
}

const SCORING_ROLES = ['umpire', 'admin', 'organiser'];

function failureOf(reply: Reply | undefined): DeviceFailure {
  return { message: reply === undefined || reply.status >= 500 ? '' : errorMessage(reply) };
}

function isSame(a: Device, b: Device): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
