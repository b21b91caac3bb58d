/** "100 Continue" for a request that expects it (RFC 9110 §10.1.1). */
import type { ServerResponse } from 'node:http';

/**
 * Says it once it is this answer's turn on the connection, and not at all where the answer is there by then. Node alone keeps it
 * with the bytes of an answer that waits behind others, and puts the head before them: it was then the beginning of the body.
 */
export function continueWhenDue(res: ServerResponse): void {
  const say = (): void => {
    if (!res.headersSent) res.writeContinue();
  };
  if (res.socket === null) res.once('socket', say);
  else say();
}
