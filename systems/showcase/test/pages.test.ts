/** The pages as a browser fetches them: headers, caching, and that odd requests hurt nobody. */
import type { ServerProcess } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { post, startShowcase } from './start.ts';

let server: ServerProcess;
beforeAll(async () => {
  server = await startShowcase();
});
afterAll(() => server[Symbol.asyncDispose]());

const PAGES = ['/', '/rooms', '/components', '/scoreboard', '/court/1234', '/court/1234/display', '/court/1234/umpire'];

async function assetsOf(page: string): Promise<string[]> {
  const html = await (await fetch(server.url + page)).text();
  return [...html.matchAll(/(?:src|href)="(\/web\/[^"]+)"/g)].map(([, path]) => path ?? '');
}

describe('a page', () => {
  it.each(PAGES)('%s is HTML that runs nothing inline and may not be framed', async (page) => {
    const response = await fetch(server.url + page);
    const html = await response.text();

    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-cache');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(response.headers.get('x-frame-options')).toBe('DENY');
    expect(response.headers.get('referrer-policy')).toBe('same-origin');
    expect(response.headers.get('cross-origin-opener-policy')).toBe('same-origin');
    expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin');
    expect(response.headers.get('permissions-policy')).toContain('camera=()');
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toMatch(/unsafe|\*|http/);
    expect(html).not.toMatch(/<script(?![^>]* src=)[^>]*>|<style|\son\w+=|style="/);
  });

  it('consists of files that may be kept for ever, and are sent compressed to whoever takes that', async () => {
    const assets = await assetsOf('/');
    const kinds = new Set(assets.map((path) => path.replace(/.*\./, '')));
    expect([...kinds].sort()).toEqual(['css', 'js', 'svg']);

    for (const path of assets) {
      const response = await fetch(server.url + path, { headers: { 'Accept-Encoding': 'br' } });
      expect(response.status).toBe(200);
      expect(response.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(response.headers.get('content-encoding')).toBe('br');
      expect(response.headers.get('vary')).toContain('Accept-Encoding');
      const plain = await fetch(server.url + path, { headers: { 'Accept-Encoding': 'identity' } });
      expect(plain.headers.get('content-encoding')).toBeNull();
      expect(await plain.text()).toBe(await response.text());
    }
  });

  it('is not sent again to whoever has it', async () => {
    const etag = (await fetch(`${server.url}/`)).headers.get('etag') ?? '';

    const again = await fetch(`${server.url}/`, { headers: { 'If-None-Match': etag } });

    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
    // A proxy may make the tag strong, or send several.
    for (const tags of [etag.replace('W/', ''), `"other", ${etag}`, '*']) {
      expect((await fetch(`${server.url}/`, { headers: { 'If-None-Match': tags } })).status, tags).toBe(304);
    }
    expect((await fetch(`${server.url}/`, { headers: { 'If-None-Match': `"x${etag}"` } })).status).toBe(200);
  });

  it('answers HEAD without a body, and refuses other methods', async () => {
    const head = await fetch(`${server.url}/`, { method: 'HEAD' });

    expect(Number(head.headers.get('content-length'))).toBeGreaterThan(0);
    expect(await head.text()).toBe('');
    expect((await post(server, '/', {})).status).toBe(405);
  });

  it.each([
    '/web/showcase/../../package.json',
    '/web/showcase/%2e%2e/%2e%2e/package.json',
    '/web/showcase/..%2f..%2fpackage.json',
    '/web/showcase/',
    '/web/showcase/assets/',
    '/web/showcase/assets/missing.js',
    '/web/showcase/\\..\\package.json',
    '/web/%00',
    '/web/toString',
    '/nothing-here',
  ])('does not exist at %s', async (path) => {
    const response = await fetch(server.url + path);

    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect(await response.json()).toMatchObject({
      error: { code: expect.stringMatching(/^(NOT_FOUND|URL_INVALID)$/) },
    });
  });

  it('that does not exist is a page with the way back for a browser, in its language', async () => {
    const browser = { Accept: 'text/html,application/xhtml+xml,*/*;q=0.8', 'Accept-Language': 'vi' };

    const response = await fetch(`${server.url}/nothing-here?x=<script>`, { headers: browser });
    const html = await response.text();

    expect(response.status).toBe(404);
    expect(response.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(response.headers.get('content-security-policy')).toMatch(/^default-src 'none'; style-src 'sha256-/);
    expect(html).toContain('<html lang="vi">');
    expect(html).toContain('<a href="/">Về trang đầu</a>');
    expect(html).not.toContain('script');
    expect(await (await fetch(`${server.url}/x`, { headers: { Accept: 'text/html' } })).text()).toContain('lang="en"');
  });

  it.each([
    ['/api/nothing', { Accept: 'text/html' }, 'GET'],
    ['/live/nothing', { Accept: 'text/html' }, 'GET'],
    ['/nothing', { Accept: 'text/html' }, 'POST'],
    ['/nothing', { Accept: '*/*' }, 'GET'],
  ])('that does not exist is JSON where data is asked for: %s %j %s', async (path, headers, method) => {
    const response = await fetch(server.url + path, { headers, method });

    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });

  it('is sent plain to whoever refuses what it could be compressed with', async () => {
    const [asset = ''] = await assetsOf('/');

    for (const refused of ['br;q=0', 'gzip, br; q=0.0', 'identity;q=1, *;q=0']) {
      const response = await fetch(server.url + asset, { headers: { 'Accept-Encoding': refused } });
      expect(response.headers.get('content-encoding'), refused).toBeNull();
    }
  });

  it.each(['bytes=4-2', 'bytes=-1', 'bytes=99999999-', 'bytes=0-0,1-1', 'x'])('survives Range: %s', async (range) => {
    const [asset = ''] = await assetsOf('/');

    expect((await fetch(server.url + asset, { headers: { Range: range } })).status).toBe(200);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });
});
