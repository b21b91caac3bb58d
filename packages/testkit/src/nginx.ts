/** A real nginx in front of a server, as a child on a free port with a folder of its own. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { endsWithUs } from './ends-with-us.ts';
import { freePort } from './server-process.ts';

export interface NginxOptions {
  readonly upstreamPort: number;
  /**
   * What stands in `location / { ... }` beside `proxy_pass`.
   * @default nothing: nginx as it comes, which buffers answers and passes no upgrade
   */
  readonly location?: string;
  /** What stands in `http { ... }` instead of one server with that location. It has to listen on `port`. */
  readonly http?: (place: { readonly port: number; readonly upstreamPort: number }) => string;
}

/** Passes WebSockets, as nginx's own documentation has it. */
export const NGINX_WEBSOCKET = `
  proxy_http_version 1.1;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $connection_upgrade;
  proxy_set_header Host $http_host;`;

/** Holds every answer back, whatever the server says. */
export const NGINX_DEAF = 'proxy_ignore_headers X-Accel-Buffering;';

export class Nginx {
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #folder: string;

  constructor(child: ChildProcess, place: { readonly port: number; readonly folder: string }) {
    this.#child = child;
    this.port = place.port;
    this.#folder = place.folder;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Its error log so far. */
  errors(): Promise<string> {
    return readFile(join(this.#folder, 'error.log'), 'utf8');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      const exited = once(this.#child, 'exit');
      this.#child.kill('SIGTERM');
      await exited;
    }
    await rm(this.#folder, { recursive: true, force: true });
  }
}

/**
 * Path of the nginx of this machine. Where there is none, tests that need it are skipped with one visible line; in CI they
 * are not, and fail.
 */
export function findNginx(): string | undefined {
  const found = ['nginx', '/usr/sbin/nginx'].find((path) => spawnSync(path, ['-v']).status === 0);
  if (found !== undefined) return found;
  if (process.env['CI'] === 'true') return 'nginx';
  process.stderr.write('nginx is not installed here: the tests behind it are skipped.\n');
  return undefined;
}

export async function startNginx({ upstreamPort, location = '', http }: NginxOptions): Promise<Nginx> {
  const folder = await mkdtemp(join(tmpdir(), 'fanfare-nginx-'));
  await mkdir(join(folder, 'temp'));
  const port = await freePort();
  const site = http?.({ port, upstreamPort }) ?? oneServer({ port, upstreamPort, location });
  await writeFile(join(folder, 'nginx.conf'), configOf(site));
  const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')];
  const child = spawn(findNginx() ?? 'nginx', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const nginx = new Nginx(endsWithUs(child), { port, folder });
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const failed = new Promise<never>((_, reject) => {
    child.on('error', reject);
    child.on('exit', () => reject(new Error(`nginx did not start: ${output}`)));
  });
  try {
    await Promise.race([accepts(port), failed]);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  failed.catch(() => undefined); // It ends with the test.
  return nginx;
}

function configOf(site: string): string {
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((name) => `${name}_temp_path temp/${name};`);
  return `
daemon off;
master_process off;
pid nginx.pid;
events {}
http {
  access_log off;
  ${temp.join('\n  ')}
  ${site}
}
`;
}

function oneServer(place: { readonly port: number; readonly upstreamPort: number; readonly location: string }): string {
  return `
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  server {
    listen 127.0.0.1:${place.port};
    location / {
      proxy_pass http://127.0.0.1:${place.upstreamPort};
      ${place.location}
    }
  }`;
}

/** Resolves when somebody listens; gives up after 10 s. */
async function accepts(port: number): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const socket = connect({ port, host: '127.0.0.1' });
    const connected = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
    });
    socket.destroy();
    if (connected) return;
    if (Date.now() > deadline) throw new Error('nginx does not listen');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
