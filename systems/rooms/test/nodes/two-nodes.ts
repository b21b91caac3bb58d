/** The rooms on two servers that share a Redis, users with tokens, and calls of the backend API. */
import { createHmac } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { findRedis, type Nodes, type ServerProcess, startNodes } from '@fanfare/testkit';
import { describe } from 'vitest';

const SECRET = 'a secret of the rooms on two nodes, for HS256';
const ISSUER = { issuer: 'https://rooms.example', audience: 'app', algorithms: ['HS256'], secret: SECRET };
const hasRedis = findRedis() !== undefined;

/** Skipped, with one visible line, where there is no redis-server; in CI it then fails. */
export function describeNodes(name: string, declare: () => void): void {
  describe.skipIf(!hasRedis)(name, declare);
}

export function startTwo(): Promise<Nodes> {
  const script = fileURLToPath(new URL('rooms-node-child.mjs', import.meta.url));
  return startNodes({ script, env: { ISSUER: JSON.stringify(ISSUER) } });
}

export function tokenOf(sub: string): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: ISSUER.issuer, aud: ISSUER.audience, sub, jti: `t-${sub}`, iat: now - 5, exp: now + 600 };
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const input = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`;
}

export async function api({ url }: ServerProcess, verb: string, body: object): Promise<unknown> {
  const response = await fetch(`${url}/live/api/${verb}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'X-API-Key': 'master' },
    body: JSON.stringify(body),
  });
  return response.json();
}
