/** Who is asking: a verified device or a logged-in user may score, an organiser may administer. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Identity } from 'fanfare';
import {
  ApiKeyCheck,
  type Exchange,
  fail,
  failFor,
  type OriginPolicy,
  parseCookies,
  privateCookie,
} from 'fanfare/http';
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
  /** Whose pages may act with the device's cookie. */
  readonly origins: OriginPolicy;
}

const DEVICE_COOKIE = 'fanfare_device';
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
    const { device, identity } = await this.#acting(exchange);
    const subject = identity?.subject;
    if (device?.status === 'blocked') return refuse('DEVICE_BLOCKED', { subject });
    if (device?.status === 'verified') return { id: subject === undefined ? `device:${device.id}` : `user:${subject}` };
    if (device === undefined && identity === undefined) return refuse('SESSION_INVALID');
    return refuse('DEVICE_NOT_VERIFIED', { subject });
  }

  /** Throws SESSION_INVALID or FORBIDDEN. */
  async admin(exchange: Exchange): Promise<Actor> {
    const identity = await this.#options.authenticate(exchange.req);
    if (identity === undefined) return refuse('SESSION_INVALID');
    return hasRole(identity, ADMIN_ROLES) ? { id: `user:${identity.subject}` } : failFor(identity, 'FORBIDDEN');
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
    if (this.#device(exchange)?.status === 'verified') return true;
    const identity = await this.#options.authenticate(exchange.req);
    return mayScore(identity);
  }

  /** The device with which the caller would score. Throws SESSION_INVALID where there is none. */
  async ownDevice(exchange: Exchange): Promise<Device> {
    const { device } = await this.#acting(exchange);
    return device ?? refuse('SESSION_INVALID');
  }

  /**
   * The device that acts: the one behind the cookie or the token. Where that still waits, or there is none, the login decides
   * (`identity`), and the device is the umpire's own.
   */
  async #acting(
    exchange: Exchange,
  ): Promise<{ readonly device?: Device | undefined; readonly identity?: Identity | undefined }> {
    const device = this.#device(exchange);
    if (device !== undefined && device.status !== 'pending') return { device };
    const identity = await this.#options.authenticate(exchange.req);
    return { device: mayScore(identity) ? await this.#deviceOf(identity) : device, identity };
  }

  /** A token in a header was put there by the caller; a cookie goes along by itself, so it must come from our own pages. */
  #device(exchange: Exchange): Device | undefined {
    const { devices, origins } = this.#options;
    const cookie = origins.mayUseCookie(exchange.req)
      ? parseCookies(exchange.header('cookie')).get(DEVICE_COOKIE)
      : undefined;
    const token = exchange.header('x-device-token') ?? cookie;
    return token === undefined ? undefined : devices.findByToken(token);
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

export function mayScore(identity: Identity | undefined): identity is Identity {
  return identity !== undefined && hasRole(identity, SCORING_ROLES);
}

export function newDeviceToken(): string {
  return randomBytes(32).toString('base64url');
}

export function deviceCookie(token: string, exchange: Exchange): string {
  return privateCookie({ name: DEVICE_COOKIE, value: token, maxAge: DEVICE_COOKIE_SECONDS, secure: exchange.isSecure });
}

function hasRole(identity: Identity, roles: ReadonlySet<string>): boolean {
  return identity.roles.some((role) => roles.has(role));
}
