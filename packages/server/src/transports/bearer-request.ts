/** A request as it would look with a token in its header: so `authenticate` need not know that a token may come in a frame. */
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { withoutTicket } from '../auth/tickets.ts';
import type { RequestHead } from '../http/request-head.ts';
import { requestMessage } from '../http/request-message.ts';

/** What is kept of the request that opened a connection. */
export interface OpeningRequest {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
}

/** Carriers of a credential: what the token replaces must not be looked at beside it. */
const CREDENTIALS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'sec-websocket-protocol', 'x-api-key']);

/** The part that `bearerRequest` needs, without any credential. */
export function openingRequest(req: RequestHead): OpeningRequest {
  const kept = Object.entries(req.headers).filter(([name]) => !CREDENTIALS.has(name));
  return { url: withoutTicket(req.url ?? '/'), headers: Object.fromEntries(kept) };
}

/** A GET with `Authorization: Bearer TOKEN` and no cookie; everything else is as the connection was opened. */
export function bearerRequest(opening: OpeningRequest, token: string, socket: Socket): IncomingMessage {
  const headers = { ...opening.headers, authorization: `Bearer ${token}` };
  return requestMessage({ url: opening.url, headers, socket });
}
