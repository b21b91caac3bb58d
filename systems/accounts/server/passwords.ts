/** Password hashes: scrypt with its cost inside the hash, so that the cost can be raised later without breaking old rows. */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';

/** Cost of one hash; memory is 128 * blockSize * cost bytes. */
export interface ScryptCost {
  readonly cost: number;
  readonly blockSize: number;
  readonly parallelization: number;
}

interface StoredHash {
  readonly cost: ScryptCost;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/** 16 MiB and about 0.1 s of one core per hash: the OWASP row that needs the least memory, as many may log in at once. */
const DEFAULT_COST: ScryptCost = { cost: 16_384, blockSize: 8, parallelization: 5 };

/** Two at a time leave two of libuv's four threads to the file system: a flood of logins must not stall static files. */
const MAX_CONCURRENT = 2;

const KEY_BYTES = 32;
const SALT_BYTES = 16;
const FORMAT = /^\$scrypt\$n=(\d{1,7}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9_-]{22})\$([A-Za-z0-9_-]{43})$/;

/** Hashes and verifies passwords off the event loop. A call waits in line, it is never refused here: the login route looks at `waiting`. */
export class PasswordHasher {
  readonly #cost: ScryptCost;
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  /** Nobody's hash. Its key is random, not derived: no password fits it, and making it takes no time. */
  readonly #decoy: StoredHash;

  constructor(cost: ScryptCost = DEFAULT_COST) {
    this.#cost = cost;
    this.#decoy = { cost, salt: randomBytes(SALT_BYTES), key: randomBytes(KEY_BYTES) };
  }

  /** Calls that wait in line. */
  get waiting(): number {
    return this.#waiting.length;
  }

  /** `$scrypt$n=..,r=..,p=..$salt$key`, base64url. */
  async hash(password: string): Promise<string> {
    const salt = randomBytes(SALT_BYTES);
    const key = await this.#derive(password, { salt, cost: this.#cost });
    const { cost, blockSize, parallelization } = this.#cost;
    const parameters = `n=${cost},r=${blockSize},p=${parallelization}`;
    return `$scrypt$${parameters}$${salt.toString('base64url')}$${key.toString('base64url')}`;
  }

  /**
   * Whether the password belongs to the hash. Without a hash (unknown user) it does the same work against a decoy and says
   * no, so that the time of an answer does not tell which names exist.
   */
  async verify(password: string, hash: string | undefined): Promise<boolean> {
    const stored = (hash === undefined ? undefined : parseHash(hash)) ?? this.#decoy;
    const key = await this.#derive(password, stored);
    return timingSafeEqual(key, stored.key);
  }

  async #derive(password: string, { salt, cost }: Pick<StoredHash, 'salt' | 'cost'>): Promise<Buffer> {
    if (this.#running >= MAX_CONCURRENT) await new Promise<void>((resolve) => this.#waiting.push(resolve));
    else this.#running += 1;
    try {
      return await scryptKey(password, salt, { ...cost, maxmem: 256 * cost.cost * cost.blockSize });
    } finally {
      // The slot passes straight to the next in line: `running` only falls when nobody waits.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running -= 1;
      else next();
    }
  }
}

function parseHash(text: string): StoredHash | undefined {
  const [, cost, blockSize, parallelization, salt, key] = FORMAT.exec(text) ?? [];
  if (salt === undefined || key === undefined) return undefined;
  return {
    cost: { cost: Number(cost), blockSize: Number(blockSize), parallelization: Number(parallelization) },
    salt: Buffer.from(salt, 'base64url'),
    key: Buffer.from(key, 'base64url'),
  };
}

function scryptKey(password: string, salt: Buffer, options: ScryptOptions): Promise<Buffer> {
  // NFKC: the same Vietnamese password typed on two keyboards may arrive composed or decomposed.
  const secret = password.normalize('NFKC');
  return new Promise((resolve, reject) => {
    scrypt(secret, salt, KEY_BYTES, options, (error, key) => (error === null ? resolve(key) : reject(error)));
  });
}
