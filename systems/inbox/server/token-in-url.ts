/** For clients that can put their JWT nowhere but into the URL. Off unless the operator turns it on: a URL ends in the logs of whoever is in between. */
import type { IncomingMessage } from 'node:http';
import type { Identity } from 'fanfare';

type Identify = (req: IncomingMessage) => Promise<Identity | undefined>;

const NAME = 'token';

export const TOKEN_IN_URL_WARNING: string =
  'Notification streams take a JWT in their URL (?token=), as you asked for. It is kept out of our own logs, but not out of those of ' +
  'proxies and browsers in between. Move clients to stream tickets (POST /api/stream-tickets), and turn it off.';

/** `identify`, and where the request has no credential of a better kind, by the JWT in its URL. */
export function withTokenInUrl(identify: Identify): Identify {
  return async (req) => {
    const { url, token } = tokenOf(req.url ?? '/');
    if (token === undefined) return identify(req);
    // From here on nobody who writes down this request's URL writes down the token.
    req.url = url;
    const { authorization, cookie, ...headers } = req.headers;
    if (authorization !== undefined) return identify(req);
    return identify(withHeaders(req, { ...headers, authorization: `Bearer ${token}` }));
  };
}

/** The URL without the token, and the token. */
function tokenOf(target: string): { readonly url: string; readonly token: string | undefined } {
  const split = target.indexOf('?');
  const query = new URLSearchParams(split === -1 ? '' : target.slice(split + 1));
  const token = query.get(NAME) ?? undefined;
  if (token === undefined) return { url: target, token };
  query.delete(NAME);
  const rest = query.toString();
  return { url: target.slice(0, split) + (rest === '' ? '' : `?${rest}`), token };
}

/** The same request with other headers, for whoever reads its credential. */
function withHeaders(req: IncomingMessage, headers: IncomingMessage['headers']): IncomingMessage {
  return Object.create(req, { headers: { value: headers, enumerable: true } });
}
