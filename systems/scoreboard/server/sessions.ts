/** Who is asking: a verified device or a logged-in user may score, an organiser may administer. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Identity } from 'fanfare';
import { ApiKeyCheck, type Exchange, fail, parseCookies } from 'fanfare/http';
import { refuse } from './errors.ts';
import type { Device, DeviceStore } from './store/device-store.ts';

/** Who did it, for the audit log: `device:<id>`, `user:<id>`, `api-key`. */
export interface Actor {
  readonly id: string;
}

export interface SessionsOptions {
  /** Who a login says that the caller is. */
  readonly authenticate: (req: IncomingMessage) => Identity | undefined | Promise<Identity | undefined>;
  readonly apiKey: string | undefined;
  readonly devices: DeviceStore;
  /** Keeps the device of a user who scores for the first time. */
  readonly keepDevice: (device: Device) => Promise<void>;
  readonly now: () => number;
}

export const DEVICE_COOKIE = 'fanfare_device';
const DEVICE_COOKIE_SECONDS = 365 * 24 * 3600;
const SCORING_ROLES: ReadonlySet<string> = new Set(['umpire', 'admin', 'organiser']);
const ADMIN_ROLES: ReadonlySet<string> = new Set(['admin', 'organiser']);

export class Sessions {
  readonly #options: SessionsOptions;
  readonly #apiKey: ApiKeyCheck;

  constructor(options: SessionsOptions) {
    this.#options = options;
    this.#apiKey = new ApiKeyCheck(options.apiKey);
  }

  /**
   * Who may score. A blocked device is refused even beside a login: the organiser meant the phone in that hand.
   * Throws SESSION_INVALID, DEVICE_NOT_VERIFIED or DEVICE_BLOCKED.
   */
  async umpire(exchange: Exchange): Promise<Actor> {
    const device = this.device(exchange);
    if (device?.status === 'blocked') return refuse('DEVICE_BLOCKED');
    if (device?.status === 'verified') return { id: `device:${device.id}` };
    const identity = await this.#options.authenticate(exchange.req);
    if (identity === undefined) return refuse(device === undefined ? 'SESSION_INVALID' : 'DEVICE_NOT_VERIFIED');
    if (!hasRole(identity, SCORING_ROLES)) return refuse('DEVICE_NOT_VERIFIED');
    const own = await this.#deviceOf(identity);
    return own.status === 'blocked' ? refuse('DEVICE_BLOCKED') : { id: `user:${identity.subject}` };
  }

  /** Throws SESSION_INVALID or FORBIDDEN. */
  async admin(exchange: Exchange): Promise<Actor> {
    const identity = await this.#options.authenticate(exchange.req);
    if (identity === undefined) return refuse('SESSION_INVALID');
    return hasRole(identity, ADMIN_ROLES) ? { id: `user:${identity.subject}` } : fail('FORBIDDEN');
  }

  async isAdmin(exchange: Exchange): Promise<boolean> {
    const identity = await this.#options.authenticate(exchange.req);
    return identity !== undefined && hasRole(identity, ADMIN_ROLES);
  }

  /** An internal caller with the API key. Throws API_KEY_INVALID. */
  internal(exchange: Exchange): Actor {
    return this.#apiKey.accepts(exchange.req) ? { id: 'api-key' } : fail('API_KEY_INVALID');
  }

  /** Scores already, so a wrong PIN from its address is not its fault. */
  async isTrusted(exchange: Exchange): Promise<boolean> {
    if (this.device(exchange)?.status === 'verified') return true;
    const identity = await this.#options.authenticate(exchange.req);
    return mayScore(identity);
  }

  /** The device behind the cookie or the token; a logged-in umpire's own where there is neither. */
  async ownDevice(exchange: Exchange): Promise<Device> {
    const device = this.device(exchange);
    if (device !== undefined) return device;
    const identity = await this.#options.authenticate(exchange.req);
    if (identity === undefined) return refuse('SESSION_INVALID');
    return hasRole(identity, SCORING_ROLES) ? this.#deviceOf(identity) : refuse('SESSION_INVALID');
  }

  device(exchange: Exchange): Device | undefined {
    const token = exchange.header('x-device-token') ?? parseCookies(exchange.header('cookie')).get(DEVICE_COOKIE);
    return token === undefined ? undefined : this.#options.devices.findByToken(token);
  }

  /** The role is the verification; the device exists so that the organiser sees it, and can block it. */
  async #deviceOf(identity: Identity): Promise<Device> {
    const id = `user-${identity.subject}`;
    const known = this.#options.devices.find(id);
    if (known !== undefined) return known;
    const device: Device = {
      id,
      name: identity.name ?? identity.subject,
      status: 'verified',
      createdAt: this.#options.now(),
    };
    await this.#options.keepDevice(device);
    return device;
  }
}

export function mayScore(identity: Identity | undefined): boolean {
  return identity !== undefined && hasRole(identity, SCORING_ROLES);
}

export function newDeviceToken(): string {
  return randomBytes(32).toString('base64url');
}

/** `Secure` where the browser spoke TLS to the proxy in front of us. */
export function deviceCookie(token: string, exchange: Exchange): string {
  const secure = exchange.header('x-forwarded-proto') === 'https' ? '; Secure' : '';
  return `${DEVICE_COOKIE}=${token}; Path=/; Max-Age=${DEVICE_COOKIE_SECONDS}; HttpOnly; SameSite=Lax${secure}`;
}

function hasRole(identity: Identity, roles: ReadonlySet<string>): boolean {
  return identity.roles.some((role) => roles.has(role));
}
