/** What a request that published may go on with, past `node:http`: its head was judged, and the next ones have the same. */
import type { ServerResponse } from 'node:http';

export interface Publishing {
  /** Publishes what a body says. Throws, or rejects with, what it is refused with. */
  publish(body: Buffer): object | Promise<object>;
  /** Answers a refusal, as it would have been in the first place. */
  refuse(error: unknown, res: ServerResponse): void;
}
