/** Which proxies are ours: what they say of a caller is believed, and what anybody else says is not. */
import { BlockList, isIP } from 'node:net';

/** How many proxies of ours every request passes, or which they are. */
export type ProxyTrust = number | TrustedProxies;

const RANGE = /^(?<address>[^/]+)(?:\/(?<prefix>\d{1,3}))?$/;
const BITS = { 4: 32, 6: 128 } as const;

/** Addresses and networks, as `10.0.0.7`, `10.0.0.0/8`, `fd00::/8`. */
export class TrustedProxies {
  readonly #list = new BlockList();

  /** Throws a TypeError on what is no address or network. */
  constructor(ranges: readonly string[]) {
    for (const range of ranges) {
      const parsed = parseRange(range);
      if (parsed === undefined) {
        throw new TypeError(
          `A trusted proxy is an address or a network such as 10.0.0.0/8, not ${JSON.stringify(range)}.`,
        );
      }
      this.#list.addSubnet(parsed.address, parsed.prefix, parsed.family);
    }
  }

  has(address: string): boolean {
    const version = isIP(address);
    return version !== 0 && this.#list.check(address, version === 6 ? 'ipv6' : 'ipv4');
  }
}

/** From an option: a number of hops as it is, a list compiled. */
export function proxyTrust(option: number | readonly string[]): ProxyTrust {
  return typeof option === 'number' ? option : new TrustedProxies(option);
}

/** Is it an address, or a network of addresses? A network of all addresses would believe anybody, and is none. */
export function isProxyRange(text: string): boolean {
  return parseRange(text) !== undefined;
}

interface Range {
  readonly address: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
}

function parseRange(text: string): Range | undefined {
  const { address = '', prefix } = RANGE.exec(text)?.groups ?? {};
  const version = isIP(address);
  if (version !== 4 && version !== 6) return undefined;
  const bits = prefix === undefined ? BITS[version] : Number(prefix);
  if (bits < 1 || bits > BITS[version]) return undefined;
  return { address, prefix: bits, family: version === 4 ? 'ipv4' : 'ipv6' };
}
