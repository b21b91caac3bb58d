import { describe, expect, it } from 'vitest';
import { OriginPolicy, parseCookies, privateCookie } from '../../src/http/index.ts';
import { listen } from './http-fixture.ts';

const policy = new OriginPolicy(['https://app.example.com', 'http://localhost:5173']);

function serve() {
  return listen((req, res) => {
    if (!policy.guard(req, res)) res.writeHead(200).end(policy.verdict(req));
  });
}

describe('OriginPolicy', () => {
  it('allows a listed origin with credentials, by its exact name', async () => {
    await using server = await serve();

    const response = await fetch(server.url, { headers: { Origin: 'https://app.example.com' } });

    expect(await response.text()).toBe('listed');
    expect(response.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
    expect(response.headers.get('access-control-allow-credentials')).toBe('true');
    expect(response.headers.get('vary')).toBe('Origin');
  });

  it.each([
    'null',
    'https://app.example.com.evil.org',
    'https://app.example.com:8443',
    'http://app.example.com',
    'https://APP.example.com',
    'https://evil.org',
    '*',
    'https://app.example.com/',
  ])('denies %s with 403 and no CORS header', async (origin) => {
    await using server = await serve();

    for (const method of ['GET', 'POST', 'OPTIONS']) {
      const response = await fetch(server.url, {
        method,
        headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
      });

      expect(response.status).toBe(403);
      expect(response.headers.get('access-control-allow-origin')).toBeNull();
      expect(await response.json()).toMatchObject({ error: { code: 'ORIGIN_FORBIDDEN' } });
    }
  });

  it('tells caches that another origin gets another answer, also where none is named', async () => {
    await using server = await serve();
    const preflight = { Origin: 'https://app.example.com', 'Access-Control-Request-Method': 'POST' };

    expect((await fetch(server.url)).headers.get('vary')).toBe('Origin');
    expect((await fetch(server.url, { method: 'OPTIONS', headers: preflight })).headers.get('vary')).toBe(
      'Origin, Access-Control-Request-Method, Access-Control-Request-Headers',
    );
  });

  it('allows its own pages, and whoever is not a browser, without CORS headers', async () => {
    await using server = await serve();

    const own = await fetch(server.url, { headers: { Origin: server.url } });
    const none = await fetch(server.url);

    expect([await own.text(), await none.text()]).toEqual(['same', 'absent']);
    expect(own.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('answers the preflight of a listed origin', async () => {
    await using server = await serve();

    const response = await fetch(server.url, {
      method: 'OPTIONS',
      headers: { Origin: 'http://localhost:5173', 'Access-Control-Request-Method': 'POST' },
    });

    expect(response.status).toBe(204);
    expect(response.headers.get('access-control-allow-headers')).toContain('last-event-id');
    expect(response.headers.get('access-control-allow-origin')).toBe('http://localhost:5173');
  });

  it.each([
    '*',
    'null',
    'https://a.example/',
    'https://a.example/path',
    'a.example',
    'HTTPS://A.EXAMPLE',
    'https://a.example:443',
    'ftp://a.example',
    '',
  ])('cannot be made of %j', (origin) => {
    expect(() => new OriginPolicy([origin])).toThrow(TypeError);
  });
});

describe('privateCookie', () => {
  it('is out of reach of scripts and of other sites’ forms', () => {
    expect(privateCookie({ name: 'a', value: 'x.y-z_', maxAge: 60, secure: false })).toBe(
      'a=x.y-z_; Path=/; Max-Age=60; HttpOnly; SameSite=Lax',
    );
    expect(privateCookie({ name: 'a', value: '', path: '/api/x', secure: true })).toBe(
      'a=; Path=/api/x; HttpOnly; SameSite=Lax; Secure',
    );
  });

  it.each([{ value: 'a; Domain=evil' }, { value: 'a\r\nX: 1' }, { path: '/a; Secure' }, { name: 'a b' }])(
    'cannot be made of %j',
    (wrong) => {
      expect(() => privateCookie({ name: 'a', value: 'b', secure: false, ...wrong })).toThrow(TypeError);
    },
  );
});

describe('parseCookies', () => {
  it.each([
    [undefined, {}],
    ['', {}],
    ['a=1; b=2', { a: '1', b: '2' }],
    ['a=1;b=2;', { a: '1', b: '2' }],
    ['a="x y"; b=%20c; c=%zz', { a: 'x y', b: ' c', c: '%zz' }],
    ['a=first; a=second', { a: 'first' }],
    ['=x; y; a=b=c', { a: 'b=c' }],
    ['__proto__=1', { ['__proto__']: '1' }],
  ])('reads %j', (header, cookies) => {
    expect([...parseCookies(header)]).toEqual(Object.entries(cookies));
  });
});
