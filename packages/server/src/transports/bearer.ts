/** A token that did not come in a header, for an `authenticate` that looks for it there. */
import type { IncomingMessage } from 'node:http';

/** The request as if it had carried this bearer token, and nothing else that says who asks. The request itself stays as it is. */
export function withBearer(request: IncomingMessage, token: string): IncomingMessage {
  const { cookie: _, ...others } = request.headers;
  const headers = { ...others, authorization: `Bearer ${token}` };
  return Object.create(request, { headers: { value: headers, enumerable: true } });
}
