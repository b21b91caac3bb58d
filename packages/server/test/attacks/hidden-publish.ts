/** A publish that hides in another request, and the heads of requests that it may hide in. */
import { ATTACK_KEY } from './attack-server.ts';

const PUBLISH = '{"channel":"log:smuggled","event":"e","data":1}';

export function head(target: string, headers: Readonly<Record<string, string | number>> = {}): string {
  const lines = Object.entries({ Host: 'x', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  return `${target} HTTP/1.1\r\n${lines.join('')}\r\n`;
}

/** A whole publish with the right key: where it hides in something else, nobody may carry it out. */
export const HIDDEN: string =
  head('POST /live/api/publish', {
    'X-API-Key': ATTACK_KEY,
    'Content-Type': 'application/json',
    'Content-Length': PUBLISH.length,
  }) + PUBLISH;
