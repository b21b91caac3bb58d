/** The real hub on the memory engine behind the real server, for tests of what is on the wire. */

import type { FanfareOptions } from '../../src/fanfare.ts';
import { createLogger, type Router, type RunningServer, type StartOptions, startServer } from '../../src/http/index.ts';
import { createFanfare, memory, signal, type } from '../../src/index.ts';

export const API_KEY = 'test-key-of-the-backend';

const channels = {
  'typing:{id}': signal({ events: { typing: type<unknown>() }, access: 'public' }),
};

export interface LiveServer extends AsyncDisposable {
  readonly live: ReturnType<typeof makeLive>;
  readonly running: RunningServer;
  readonly url: string;
  readonly port: number;
  /** Log lines, parsed. */
  readonly lines: Record<string, unknown>[];
  call(name: string, body: unknown, headers?: Record<string, string>): Promise<{ status: number; body: unknown }>;
}

export interface LiveServerOptions {
  readonly routes?: readonly Router[];
  readonly start?: Partial<StartOptions>;
  readonly logRequests?: boolean;
  readonly engine?: FanfareOptions<typeof channels>['engine'];
}

export async function startLive(options: LiveServerOptions = {}): Promise<LiveServer> {
  const lines: Record<string, unknown>[] = [];
  const logger = await createLogger({
    level: 'debug',
    destination: { write: (line) => void lines.push(JSON.parse(line)) },
  });
  const live = makeLive(options.engine ?? memory());
  const config = { port: 0, host: '127.0.0.1', trustProxy: 0, logRequests: options.logRequests ?? false };
  const running = await startServer({ config, live, logger, routes: options.routes ?? [], ...options.start });
  const url = `http://127.0.0.1:${running.port}`;
  return {
    live,
    running,
    url,
    port: running.port,
    lines,
    async call(name, body, headers = {}) {
      const response = await fetch(`${url}/live/api/${name}`, {
        method: 'POST',
        headers: { 'X-API-Key': API_KEY, 'Content-Type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      });
      return { status: response.status, body: await response.json() };
    },
    async [Symbol.asyncDispose]() {
      await running.close();
    },
  };
}

function makeLive(engine: FanfareOptions<typeof channels>['engine']) {
  return createFanfare({ engine, channels, apiKey: API_KEY });
}

/** The head of a call to the backend API. */
export function apiHead(name: string, length: number, connection = 'close'): string {
  return `POST /live/api/${name} HTTP/1.1\r\nHost: x\r\nX-API-Key: ${API_KEY}\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\nConnection: ${connection}\r\n\r\n`;
}

/** Of a publish. */
export function publishHead(length: number | 'chunked'): string {
  const head = apiHead('publish', 0);
  return head.replace(
    'Content-Length: 0',
    length === 'chunked' ? 'Transfer-Encoding: chunked' : `Content-Length: ${length}`,
  );
}
