/** The built pages: the addresses under which each system's page opens, and the files it is made of, under `/web/{system}/`. */
import { join } from 'node:path';
import { HttpError, Router } from 'fanfare/http';
import { StaticFolder } from './static-folder.ts';

export interface PagesOptions {
  /** The folder that holds the systems' folders. */
  readonly systems: string;
  /** Addresses of each system's page, by the system's name. `{param}` segments are the page's own business. */
  readonly pages: Readonly<Record<string, readonly string[]>>;
}

/** Scripts, styles and connections of our own only; nothing inline, nothing framed, nothing from elsewhere. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // data: for the icon of the tab, on which a page draws its count.
  "img-src 'self' data:",
  "font-src 'self'",
  "media-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_SECURITY_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'same-origin',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), payment=(), usb=()',
  'X-Frame-Options': 'DENY',
};

const INDEX = '/index.html';

const NOT_BUILT = {
  status: 503,
  code: 'PAGE_NOT_BUILT',
  message: {
    en: 'This page has not been built. Run: npm run build',
    vi: 'Trang này chưa được dựng. Hãy chạy: npm run build',
  },
};

/** One route per address and per file: what is not listed does not exist. */
export function pageRoutes({ systems, pages }: PagesOptions): Router {
  const router = new Router();
  for (const [name, addresses] of Object.entries(pages)) {
    const folder = new StaticFolder(join(systems, name, 'dist', 'web'), HEADERS);
    for (const path of folder.paths()) {
      router.get(`/web/${name}${path}`, ({ req, res }) => folder.send(req, res, path));
    }
    for (const address of addresses) {
      router.get(address, ({ req, res }) => {
        if (!folder.has(INDEX)) throw new HttpError(NOT_BUILT);
        return folder.send(req, res, INDEX);
      });
    }
  }
  return router;
}
