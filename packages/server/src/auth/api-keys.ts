/** Keys of backends, each with what it may do. Only their hashes are kept: who reads the configuration has no key. */
import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { describeValue } from '@fanfare/protocol';
import { presentedKey } from '../http/api-key.ts';
import { compileGrants, type GrantTable } from './grant-table.ts';
import type { Identity } from './identity.ts';

/** A key of a backend, as the configuration has it: what it may do, and its hash. */
export interface ApiKeyOptions {
  /** Names the key in lists and logs: 1 to 64 of A-Z a-z 0-9 _ -. Two keys may have one id, while one follows the other. */
  readonly id: string;
  /** `sha256:` and the hash in base64url, as `fanfare token --api-key` prints it. */
  readonly hash: string;
  /** Channels by action: `{ publish: ['inbox:*'] }`. */
  readonly grants: GrantTable;
  /** Wall clock, milliseconds. @default never */
  readonly expiresAt?: number;
}

/** What the subjects of keys begin with, and those of nobody else. */
export const KEY_SUBJECT = 'key:';

const ID = /^[\w-]{1,64}$/;
const HASH = /^sha256:[\w-]{43}$/;

export class ApiKeys {
  readonly #byHash: ReadonlyMap<string, Identity>;

  /** Throws a TypeError on a key that makes no sense. */
  constructor(keys: readonly ApiKeyOptions[] = []) {
    this.#byHash = new Map(keys.map((key) => [key.hash, identityOf(key)]));
  }

  get isEmpty(): boolean {
    return this.#byHash.size === 0;
  }

  /** Whose key the request carries, in `Authorization: Bearer` or `X-API-Key`; undefined: none of these. */
  find(request: IncomingMessage): Identity | undefined {
    if (this.isEmpty) return undefined;
    const key = presentedKey(request);
    // By its hash: how long the look-up takes says nothing of the keys.
    return key === undefined ? undefined : this.#byHash.get(hashApiKey(key));
  }
}

/** What is written into the configuration in place of a key. The key must be random: a hash of a word can be guessed. */
export function hashApiKey(key: string): string {
  return `sha256:${createHash('sha256').update(key).digest('base64url')}`;
}

function identityOf({ id, hash, grants, expiresAt }: ApiKeyOptions): Identity {
  if (typeof id !== 'string' || !ID.test(id)) {
    throw new TypeError(`apiKeys: id: expected 1 to 64 of A-Z a-z 0-9 _ -, got ${describeValue(id)}.`);
  }
  if (typeof hash !== 'string' || !HASH.test(hash)) {
    throw new TypeError(
      `apiKeys: ${id}: hash: expected "sha256:" and 43 characters; fanfare token --api-key makes one.`,
    );
  }
  compileGrants(grants, `apiKeys: ${id}`);
  return {
    subject: `${KEY_SUBJECT}${id}`,
    roles: [],
    tokenId: hash,
    grants,
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}
