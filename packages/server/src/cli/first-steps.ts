/** What a person sees once, at the first start: the key that was made, and two commands that show the whole idea. */
import { type KeptKey, readKeyCommand } from '../http/serve/api-key-file.ts';

export interface FirstSteps {
  readonly port: number;
  readonly kept: Pick<KeptKey, 'key' | 'path'>;
  /** Somebody reads it at a terminal. Anywhere else it is kept, as a log, and has no key in it. */
  readonly isTerminal: boolean;
}

export function firstSteps({ port, kept, isTerminal }: FirstSteps): string {
  const base = `http://localhost:${port}`;
  const key = isTerminal ? `:\n\n  ${kept.key}` : '.';
  return `
An API key was made for this server and is kept in ${kept.path}${key}

Try it, in two terminals:

  curl -N '${base}/live/sse?channel=public:hello'

  curl -X POST ${base}/live/api/publish -H "X-API-Key: ${readKeyCommand(kept)}" \\
    -H 'Content-Type: application/json' -d '{"channel":"public:hello","event":"greeting","data":{"text":"hi"}}'
`;
}
