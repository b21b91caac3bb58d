/** `fanfare explain`: why a token may do something on a channel, or may not. By the access file, or by a running server. */
import { ACTIONS, isAction } from '../auth/action.ts';
import { createFanfare, type Explanation, memory } from '../index.ts';
import { CommandFailed, configuredAccess, type Flags, readFlags, textFlag } from './arguments.ts';

export const EXPLAIN_FLAGS = {
  access: { type: 'string' },
  token: { type: 'string' },
  channel: { type: 'string' },
  action: { type: 'string' },
  server: { type: 'string' },
  'api-key': { type: 'string' },
} as const;

/** Exit code 0: allowed; 1: denied. Throws CommandFailed. */
export async function explain(argv: readonly string[]): Promise<number> {
  const flags = readFlags(argv, EXPLAIN_FLAGS);
  const [channel, action] = [textFlag(flags, 'channel'), textFlag(flags, 'action') ?? 'subscribe'];
  if (channel === undefined)
    throw new CommandFailed('--channel: expected the name of a channel; fanfare explain --help lists the flags');
  if (!isAction(action))
    throw new CommandFailed(`--action: expected one of ${ACTIONS.join(', ')}, got ${JSON.stringify(action)}`);
  const token = textFlag(flags, 'token');
  const question = { channel, action, ...(token === undefined ? {} : { token }) };
  const server = textFlag(flags, 'server');
  const found = server === undefined ? await byFile(question, flags) : await byServer(server, question, flags);
  console.log(written(found));
  return found.allowed ? 0 : 1;
}

type Question = Parameters<ReturnType<typeof createFanfare>['explain']>[0];

async function byFile(question: Question, flags: Flags): Promise<Explanation> {
  const { issuers: _, ...access } = configuredAccess(flags);
  const live = createFanfare({ engine: memory(), ...access });
  try {
    return await live.explain(question);
  } finally {
    await live.close();
  }
}

/** Knows what was revoked, too. */
async function byServer(server: string, question: Question, flags: Flags): Promise<Explanation> {
  const key = textFlag(flags, 'api-key') ?? process.env['FANFARE_API_KEY'] ?? '';
  const url = URL.canParse(server) ? new URL('/live/api/explain', server) : undefined;
  if (url === undefined)
    throw new CommandFailed(
      `--server: expected an address such as http://localhost:3001, got ${JSON.stringify(server)}`,
    );
  const headers = { 'Content-Type': 'application/json', 'X-API-Key': key };
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(question) }).catch(() => undefined);
  if (response === undefined) throw new CommandFailed(`${url.origin} does not answer`);
  const body: unknown = await response.json().catch(() => undefined);
  if (response.ok && isExplanation(body)) return body;
  throw new CommandFailed(`${url.origin} answered ${response.status} ${String(Object(Object(body).error).code ?? '')}`);
}

function isExplanation(body: unknown): body is Explanation {
  return typeof body === 'object' && body !== null && 'allowed' in body && 'steps' in body;
}

function written({ allowed, action, channel, code, status, steps }: Explanation): string {
  const verdict = allowed ? 'allowed' : `denied with ${status} ${code}`;
  const width = Math.max(...steps.map(({ rule }) => rule.length)) + 2;
  const lines = steps.map(({ rule, outcome, why }) => `  ${rule.padEnd(width)}${outcome.padEnd(9)}${why}`);
  return [`${action} on ${channel} is ${verdict}`, '', ...lines].join('\n');
}
