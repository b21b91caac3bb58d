/**
 * A folder of built files, held in memory: a page is a few hundred kilobytes, and a rebuild must not pull files from under
 * a running server. Ranges are not served: nothing here is large (sirv 3 ends the process on `Range: bytes=4-2`).
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants } from 'node:zlib';
import { hasTag } from 'fanfare/http';

const compress = promisify(brotliCompress);

/** Content types of what a page is built of; anything else is bytes. */
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.webmanifest': 'application/manifest+json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.webp': 'image/webp',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.mp3': 'audio/mpeg',
};

const COMPRESSIBLE = /^(text|application\/(json|manifest)|image\/svg)/;
/** Half the best ratio's time is spent on its last two percent. */
const BROTLI_QUALITY = 9;

interface StaticFile {
  readonly bytes: Buffer;
  readonly type: string;
  readonly etag: string;
  readonly cacheControl: string;
  /** Made when first asked for, once. */
  compressed: Promise<Buffer> | undefined;
}

/** Reads the folder once. A path is a key of a table, never a path of the file system: nothing outside can be asked for. */
export class StaticFolder {
  readonly #files = new Map<string, StaticFile>();
  readonly #headers: Readonly<Record<string, string>>;

  /** `headers` go with every answer. A folder that is missing is empty. */
  constructor(folder: string, headers: Readonly<Record<string, string>>) {
    this.#headers = headers;
    if (!existsSync(folder)) return;
    for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const file = join(entry.parentPath, entry.name);
      const path = `/${relative(folder, file).split(sep).join('/')}`;
      this.#files.set(path, readFile(file, path));
    }
  }

  /** `/index.html`, `/assets/index-1a2b.js` and so on. */
  paths(): readonly string[] {
    return [...this.#files.keys()];
  }

  has(path: string): boolean {
    return this.#files.has(path);
  }

  /** Answers GET and HEAD of a file that is there. */
  async send(req: IncomingMessage, res: ServerResponse, path: string): Promise<void> {
    const file = this.#files.get(path);
    if (file === undefined) throw new TypeError(`There is no ${path}; ask has() first.`);
    const headers = { ...this.#headers, ETag: file.etag, 'Cache-Control': file.cacheControl, Vary: 'Accept-Encoding' };
    if (hasTag(req.headers['if-none-match'], file.etag)) {
      res.writeHead(304, headers).end();
      return;
    }
    const body = COMPRESSIBLE.test(file.type) && takesBrotli(req) ? await compressed(file) : file.bytes;
    const encoding = body === file.bytes ? {} : { 'Content-Encoding': 'br' };
    res.writeHead(200, { ...headers, ...encoding, 'Content-Type': file.type, 'Content-Length': body.byteLength });
    res.end(req.method === 'HEAD' ? undefined : body);
  }
}

function readFile(file: string, path: string): StaticFile {
  const bytes = readFileSync(file);
  return {
    bytes,
    type: TYPES[extname(path)] ?? 'application/octet-stream',
    // Weak: the same content, compressed or not.
    etag: `W/"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    // A file under assets/ has the hash of its content in its name.
    cacheControl: path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
    compressed: undefined,
  };
}

/** `br` is named, and not by `br;q=0`, which refuses it. */
function takesBrotli(req: IncomingMessage): boolean {
  const wanted = String(req.headers['accept-encoding'] ?? '').split(',');
  return wanted.some((coding) => /^\s*br\s*(;(?!\s*q=0(\.0*)?\s*$)|$)/i.test(coding));
}

function compressed(file: StaticFile): Promise<Buffer> {
  file.compressed ??= compress(file.bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: BROTLI_QUALITY } });
  return file.compressed;
}
