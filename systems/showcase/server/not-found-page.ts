/** What a browser gets for an address that leads nowhere: a small page with the way back. Programs get JSON. */
import { createHash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Exchange } from 'fanfare/http';

const WORDS = {
  en: {
    title: 'Nothing is here',
    text: 'The address may be mistyped, or what was here has moved.',
    back: 'To the start page',
  },
  vi: {
    title: 'Không có gì ở đây',
    text: 'Địa chỉ có thể bị gõ nhầm, hoặc trang này đã chuyển đi nơi khác.',
    back: 'Về trang đầu',
  },
} as const;

/** In the page itself: nothing else has to be found for it to look right. */
const STYLE = `
:root { color-scheme: light dark; --paper: #faf9f6; --ink: #1c1e22; --soft: #5b616b; }
@media (prefers-color-scheme: dark) { :root { --paper: #0f1217; --ink: #eef0f3; --soft: #a3abb8; } }
body { margin: 0; min-height: 100vh; display: grid; place-content: center; padding: 1.5rem; box-sizing: border-box;
  background: var(--paper); color: var(--ink); font: 1.125rem/1.5 system-ui, sans-serif; }
h1 { margin: 0; font-size: 2rem; letter-spacing: -0.02em; }
p { margin: 0.5rem 0 1.5rem; color: var(--soft); }
a { color: inherit; font-weight: 600; padding-block: 0.625rem; }
`;

const HEADERS: Readonly<Record<string, string>> = {
  'Content-Type': 'text/html; charset=utf-8',
  'Content-Security-Policy': [
    "default-src 'none'",
    `style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'`,
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Cache-Control': 'no-store',
  'X-Content-Type-Options': 'nosniff',
  Vary: 'Accept, Accept-Language',
};

/** Paths on which whoever asks wants data, also when it is a person who typed the address. */
const DATA = /^\/(api|live)\//;

/** Answers 404 with the page; false, and nothing done, when it is not a browser that looks for a page. */
export function notFoundPage(req: IncomingMessage, res: ServerResponse): boolean {
  const isPage = (req.method === 'GET' || req.method === 'HEAD') && !DATA.test(req.url ?? '');
  if (!isPage || !(req.headers.accept ?? '').includes('text/html')) return false;
  const html = page(new Exchange(req, res).language);
  res.writeHead(404, { ...HEADERS, 'Content-Length': Buffer.byteLength(html) });
  res.end(req.method === 'HEAD' ? undefined : html);
  return true;
}

function page(language: keyof typeof WORDS): string {
  const { title, text, back } = WORDS[language];
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<h1>${title}</h1>
<p>${text}</p>
<a href="/">${back}</a>
</main>
</body>
</html>
`;
}
