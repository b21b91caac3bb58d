/** GET /metrics: counts and gauges for Prometheus. They tell how much goes on, and nothing of whom. */
import type { IncomingMessage } from 'node:http';
import { isLoopback } from './address.ts';
import type { FindCaller } from './backend/backend-caller.ts';
import { HttpError } from './errors.ts';
import { Router } from './router.ts';

/** The answer of `GET /metrics`, in the text format of Prometheus. */
export interface MetricsText {
  readonly contentType: string;
  readonly text: string;
}

export interface MetricsRouteOptions {
  readonly read: () => Promise<MetricsText>;
  readonly findCaller: FindCaller;
  /** Anybody may read them. */
  readonly isOpen: boolean;
}

/** How a program of this machine calls it. */
const LOCAL_HOST = /^(?:localhost|127\.\d+\.\d+\.\d+|\[::1\])(?::\d+)?$/i;
/** Headers that a proxy adds: then the caller is somewhere else. */
const FORWARDED = ['x-forwarded-for', 'forwarded', 'via', 'x-real-ip'];

/** Answers who calls from the machine itself, and who may manage the server; others get 401 API_KEY_INVALID, or 403. */
export function metricsRoutes({ read, findCaller, isOpen }: MetricsRouteOptions): Router {
  return new Router().get('/metrics', async (exchange) => {
    const { req, res } = exchange;
    const refused = isOpen || isLocal(req) ? undefined : await refusalOf(req, findCaller);
    if (refused !== undefined) throw refused;
    const { contentType, text } = await read();
    res.writeHead(200, {
      'Content-Type': contentType,
      'Content-Length': Buffer.byteLength(text),
      'Cache-Control': 'no-store',
      'X-Content-Type-Options': 'nosniff',
    });
    res.end(req.method === 'HEAD' ? undefined : text);
  });
}

async function refusalOf(req: IncomingMessage, findCaller: FindCaller): Promise<HttpError | undefined> {
  const caller = await findCaller(req);
  return caller instanceof HttpError ? caller : caller.refusal('manage', undefined);
}

/** No proxy in between, and no web page: one may be made to ask this machine for it. */
function isLocal({ headers, socket }: IncomingMessage): boolean {
  const isDirect = FORWARDED.every((name) => headers[name] === undefined);
  const isPage = headers.origin !== undefined || headers['sec-fetch-site'] !== undefined;
  // A page whose name was made to lead here comes with that name.
  return isDirect && !isPage && LOCAL_HOST.test(headers.host ?? '') && isLoopback(socket.remoteAddress ?? '');
}
