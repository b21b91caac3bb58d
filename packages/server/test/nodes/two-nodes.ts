/** Two servers on one Redis, and what is asked of them. */
import { fileURLToPath } from 'node:url';
import { findRedis, type Nodes, type NodesOptions, type ServerProcess, startNodes } from '@fanfare/testkit';
import { describe } from 'vitest';
import { ISSUERS, seconds, token } from '../auth/token-fixture.ts';
import { type Answered, answerOf, post } from '../auth/wires.ts';

const KEY = { Authorization: 'Bearer master' };

const hasRedis = findRedis() !== undefined;

/** Skipped, with one visible line, where there is no redis-server; in CI it then fails. */
export function describeNodes(name: string, declare: () => void): void {
  describe.skipIf(!hasRedis)(name, declare);
}

export function startTwo(options: Partial<NodesOptions> = {}): Promise<Nodes> {
  const script = fileURLToPath(new URL('node-child.mjs', import.meta.url));
  const [shared] = ISSUERS;
  return startNodes({ script, ...options, env: { ISSUERS: JSON.stringify([shared]), ...options.env } });
}

/** Of the subject 7, with the id `t-1`; `over` changes its claims. */
export function owned(over: Record<string, unknown> = {}): string {
  return token('hs', { claims: { jti: 't-1', iat: seconds() - 5, ...over } });
}

/** One call of the backend API. */
export function api(node: ServerProcess, verb: string, body: object): Promise<Answered> {
  return answerOf(post(`${node.url}/live/api/${verb}`, body, KEY));
}

export interface Listed {
  readonly id: string;
  readonly identity: string;
  readonly channels: readonly string[];
}

export async function connectionsOf(node: ServerProcess): Promise<readonly Listed[]> {
  const { body } = await api(node, 'connections', {});
  return Object(body).connections ?? [];
}
