/** A network of its own for a child process: a namespace that ends with it, in which packets may be dropped. Linux only. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';

/** The second is for whoever is not root, or root of a container: a root of the namespace alone. */
const WAYS = [['--net'], ['--map-root-user', '--net']] as const;
const TOOLS = ['unshare', 'ip', 'iptables'];
const SET_UP = 'ip link set lo up && iptables -w -L INPUT -n >/dev/null';

/**
 * Whether this machine has `unshare`, `ip` and `iptables`, and allows them. Where not, tests that need them are skipped with one
 * visible line; in CI a missing tool is no excuse, and they fail.
 */
export function hasOwnNetworks(): boolean {
  const missing = TOOLS.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
  if (missing.length > 0 && process.env['CI'] === 'true') return true;
  if (missing.length === 0 && wayIn() !== undefined) return true;
  const why = missing.length > 0 ? `no ${missing.join(', no ')}` : 'this machine allows no network namespaces';
  process.stderr.write(`${why}: the tests that drop packets are skipped.\n`);
  return false;
}

/** As `fork` of a script; in it there is only loopback, and nobody outside is reached. */
export function forkInOwnNetwork(script: string, env: Readonly<Record<string, string>> = {}): ChildProcess {
  const run = `${SET_UP} && exec "$0" "$1"`;
  return spawn('unshare', [...(wayIn() ?? WAYS[0]), 'sh', '-c', run, process.execPath, script], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
}

function wayIn(): readonly string[] | undefined {
  return WAYS.find((way) => spawnSync('unshare', [...way, 'sh', '-c', SET_UP]).status === 0);
}
