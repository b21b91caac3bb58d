/** The client as scripts, from the hub it talks to, `<script src="/live/fanfare.js">`, with the parts of it that tabs share. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { fail } from './errors.ts';
import { hasTag } from './etag.ts';
import type { Exchange } from './exchange.ts';
import { Router } from './router.ts';

interface Script {
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
}

/** Put there by the build, from @fanfare/client: this package does not know that one. */
const FOLDER = new URL('../client/', import.meta.url);
/** A plain script, a module, what a SharedWorker runs, what a page loads when it may have to lead the others. */
const NAMES = ['fanfare.js', 'fanfare.mjs', 'fanfare-worker.js', 'fanfare-leader.mjs'] as const;

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/javascript; charset=utf-8',
  'X-Content-Type-Options': 'nosniff',
  // Its address says nothing of its version: a cache asks, and is answered 304.
  'Cache-Control': 'no-cache',
  // Anybody may read it, so any page may load it, those that isolate themselves too [COEP]; what it may do here is the hub's to say.
  'Cross-Origin-Resource-Policy': 'cross-origin',
  Vary: 'Origin, Accept-Encoding',
};

/** Each is read when first asked for, and kept. Where there is none, as in a tree that was not built, the path is not found. */
export function clientScriptRoutes(folder: URL = FOLDER): Router {
  const scripts = new Map<string, Script>();
  const router = new Router();
  for (const name of NAMES) {
    router.get(`/live/${name}`, (exchange) => {
      const script = scripts.get(name) ?? readScript(new URL(name, folder));
      if (script === undefined) fail('NOT_FOUND');
      scripts.set(name, script);
      send(exchange, script);
    });
  }
  return router;
}

function readScript(file: URL): Script | undefined {
  try {
    const plain = readFileSync(file);
    // Weak: the same content, compressed or not.
    const etag = `W/"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`;
    return { plain, gzipped: gzipSync(plain, { level: 9 }), etag };
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function send({ req, res }: Exchange, { plain, gzipped, etag }: Script): void {
  const headers = { ...HEADERS, ETag: etag };
  if (hasTag(req.headers['if-none-match'], etag)) {
    res.writeHead(304, headers).end();
    return;
  }
  const isGzipped = takesGzip(req.headers['accept-encoding']);
  const body = isGzipped ? gzipped : plain;
  const encoding = isGzipped ? { 'Content-Encoding': 'gzip' } : {};
  res.writeHead(200, { ...headers, ...encoding, 'Content-Length': body.byteLength }).end(body);
}

/** `gzip` is named, and not by `gzip;q=0`, which refuses it. */
function takesGzip(accepted: string | string[] | undefined): boolean {
  return String(accepted ?? '')
    .split(',')
    .some((coding) => /^\s*gzip\s*(;(?!\s*q=0(\.0*)?\s*$)|$)/i.test(coding));
}
