/** `npm start` as a child: a free port, a data folder of its own. */
import { fileURLToPath } from 'node:url';
import { type ServerProcess, type ServerProcessOptions, startServerProcess } from '@fanfare/testkit';

export const START = fileURLToPath(new URL('../bin/start.js', import.meta.url));

/** Nothing of the developer's own configuration reaches the child. */
const CLEAN = { FANFARE_API_KEY: '', FANFARE_CONFIG: '', FANFARE_ENGINE: '', FANFARE_PORT: '', NO_COLOR: '1' };

export function startShowcase(
  env: Readonly<Record<string, string>> = {},
  options: Pick<ServerProcessOptions, 'watchesLoop'> = {},
): Promise<ServerProcess> {
  return startServerProcess({ script: START, env: { ...CLEAN, ...env }, ...options });
}

export async function logIn(server: ServerProcess, username: string): Promise<string> {
  const response = await post(server, '/api/login', { username, password: 'demo' });
  const { token }: { token: string } = await response.json();
  return token;
}

export function post(
  server: ServerProcess,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(server.url + path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}
