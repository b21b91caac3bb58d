import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { fail, HttpError, Router } from '../../src/http/index.ts';
import { RouteTree } from '../../src/http/route-tree.ts';
import { listen, rawConnection } from './http-fixture.ts';

async function body(response: Response): Promise<unknown> {
  return response.json();
}

describe('Router', () => {
  it('hands the decoded segments to the handler', async () => {
    const router = new Router().get('/api/court/{pin}/status/{name}', (exchange) =>
      exchange.send(200, exchange.params),
    );
    await using server = await listen(router);

    const response = await fetch(`${server.url}/api/court/12%2F34/status/S%C3%A2n%201?x=%zz`);

    expect(await body(response)).toEqual({ pin: '12/34', name: 'Sân 1' });
  });

  it('answers 400 URL_INVALID to a segment that is not percent-encoded UTF-8', async () => {
    await using server = await listen(new Router().get('/a/{x}', (exchange) => exchange.send(200, exchange.params)));

    for (const segment of ['%', '%zz', '%ff', '%e0%a4', '%c0%af']) {
      const response = await fetch(`${server.url}/a/${segment}`);

      expect(response.status).toBe(400);
      expect(await body(response)).toMatchObject({ error: { code: 'URL_INVALID' } });
    }
  });

  it('answers 405 with Allow to a method that the path does not take', async () => {
    const router = new Router()
      .get('/a', (exchange) => exchange.noContent())
      .post('/a', (exchange) => exchange.noContent());
    await using server = await listen(router);

    const response = await fetch(`${server.url}/a`, { method: 'DELETE' });

    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET, HEAD, POST');
    expect(await body(response)).toMatchObject({ error: { code: 'METHOD_NOT_ALLOWED' } });
  });

  it('answers HEAD by the GET handler, without a body', async () => {
    await using server = await listen(new Router().get('/a', (exchange) => exchange.send(200, { long: 'body' })));

    const response = await fetch(`${server.url}/a`, { method: 'HEAD' });

    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('15');
    expect(await response.text()).toBe('');
  });

  it('answers OPTIONS with the methods of the path', async () => {
    await using server = await listen(new Router().patch('/a', (exchange) => exchange.noContent()));

    const response = await fetch(`${server.url}/a`, { method: 'OPTIONS' });

    expect([response.status, response.headers.get('allow')]).toEqual([204, 'PATCH']);
  });

  it('leaves an unknown path to the caller, a trailing slash included', async () => {
    await using server = await listen(new Router().get('/a', (exchange) => exchange.noContent()));

    const answers = await Promise.all(['/b', '/a/', '/', '//a', '/A'].map((path) => fetch(server.url + path)));

    expect(answers.map((answer) => answer.status)).toEqual([404, 404, 404, 404, 404]);
  });

  it('prefers a literal segment to a param, and turns back from a dead end', () => {
    const tree = new RouteTree<string>();
    tree.add('GET', '/a/b/d', 'literal');
    tree.add('GET', '/a/{x}/c', 'param');
    tree.add('POST', '/a/{x}/d', 'other method');

    expect(tree.find('GET', '/a/b/d')).toMatchObject({ handler: 'literal' });
    expect(tree.find('GET', '/a/b/c')).toEqual({ kind: 'found', handler: 'param', params: { x: 'b' } });
    expect(tree.find('POST', '/a/b/d')).toMatchObject({ handler: 'other method' });
    expect(tree.find('PUT', '/a/b/d')).toEqual({ kind: 'other-methods', methods: ['GET', 'HEAD', 'POST'] });
  });

  it('finds every registered path by its own rendering, whatever the params hold', () => {
    const name = fc.constantFrom('a', 'b', 'c', '{x}', '{y}', '{z}');
    const path = fc.uniqueArray(name, { minLength: 1, maxLength: 5 }).map((segments) => `/${segments.join('/')}`);
    const value = fc.string({ unit: 'grapheme', minLength: 1 });
    fc.assert(
      fc.property(fc.uniqueArray(path, { selector: shapeOf, minLength: 1 }), value, (paths, text) => {
        const tree = new RouteTree<string>();
        for (const each of paths) tree.add('GET', each, each);
        for (const each of paths) {
          // A param's value must not happen to be another path's literal, which would rightly win.
          const filled = each.replace(/\{[^}]+\}/g, encodeURIComponent(`-${text}`));
          const match = tree.find('GET', filled);
          expect(match).toMatchObject({ kind: 'found', handler: each });
          expect(match.kind === 'found' && Object.values(match.params).every((param) => param === `-${text}`)).toBe(
            true,
          );
        }
      }),
    );
  });

  it('never throws on any request path', () => {
    const tree = new RouteTree<string>();
    tree.add('GET', '/a/{x}', 'a');
    tree.add('GET', '/{x}/{y}/c', 'b');
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.webPath(),
          fc.string().map((text) => `/a/${text}`),
        ),
        (path) => {
          expect(['found', 'none', 'malformed']).toContain(tree.find('GET', path).kind);
        },
      ),
    );
  });

  it.each(['a', '/a?b', '/a%20b', '/a b', '/{a', '/{a}b', '/{}', '/{a}/{a}'])('refuses to register %s', (path) => {
    expect(() => new Router().get(path, () => {})).toThrow(TypeError);
  });

  it('refuses two handlers for one method and path, also when one comes from another router', () => {
    const router = new Router().get('/a/{x}', () => {});

    expect(() => router.use(new Router().get('/a/{y}', () => {}))).toThrow('GET /a/{y} is registered twice.');
  });

  it('accepts the absolute form of a request line', async () => {
    await using server = await listen(new Router().get('/a', (exchange) => exchange.send(200, exchange.url.search)));

    const raw = rawConnection(
      server.port,
      'GET http://elsewhere/a?b=1 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n',
    );

    expect(await raw.ended).toContain('"?b=1"');
  });
});

describe('a handler that fails', () => {
  it('answers what an HttpError says, in the language of the reader', async () => {
    const error = { status: 409, code: 'GAME_OVER', message: { en: 'The game is over.', vi: 'Trận đấu đã kết thúc.' } };
    const router = new Router().get('/a', () => {
      throw new HttpError({ ...error, details: { games: 2 }, headers: { 'Retry-After': '7' } });
    });
    await using server = await listen(router);

    const response = await fetch(`${server.url}/a`, { headers: { 'Accept-Language': 'en;q=0.5, vi-VN' } });

    expect(response.status).toBe(409);
    expect(response.headers.get('retry-after')).toBe('7');
    expect(await body(response)).toEqual({
      error: { code: 'GAME_OVER', message: 'Trận đấu đã kết thúc.', details: { games: 2 } },
    });
  });

  it('answers the catalogue code that a rejected handler failed with', async () => {
    const router = new Router().get('/a', async () => fail('NOT_FOUND'));
    await using server = await listen(router);

    const response = await fetch(`${server.url}/a`);

    expect([response.status, await body(response)]).toEqual([
      404,
      { error: { code: 'NOT_FOUND', message: 'Nothing is here.' } },
    ]);
  });

  it.each([
    ['a thrown error', new Error('password is hunter2')],
    ['a system error', Object.assign(new Error('open /secret/file'), { code: 'ENOENT', status: 200 })],
    ['a thrown string', 'hunter2'],
    [
      'an HttpError whose header would split the answer',
      new HttpError({ status: 400, code: 'A', message: 'a', headers: { X: 'a\r\nb: c' } }),
    ],
    ['an HttpError that does not serialise', new HttpError({ status: 400, code: 'A', message: 'a', details: 1n })],
  ])('answers 500 INTERNAL and tells nothing of %s', async (_, error) => {
    const router = new Router()
      .get('/sync', () => {
        throw error;
      })
      .get('/async', () => Promise.reject(error));
    await using server = await listen(router);

    for (const path of ['/sync', '/async']) {
      const response = await fetch(server.url + path);

      expect(response.status).toBe(500);
      expect(await body(response)).toEqual({
        error: { code: 'INTERNAL', message: 'The server failed; the fault is not yours.' },
      });
    }
  });

  it('tells the operator of what was unexpected, and only of that', async () => {
    const onError = vi.fn();
    const bug = new Error('bug');
    const router = new Router({ onError })
      .get('/bug', () => Promise.reject(bug))
      .get('/refused', () => fail('FORBIDDEN'));
    await using server = await listen(router);

    await fetch(`${server.url}/refused`);
    await fetch(`${server.url}/bug`);

    expect(onError.mock.calls.map(([error]) => error)).toEqual([bug]);
  });

  it('cuts the connection when its answer had begun', async () => {
    const router = new Router().get('/a', async ({ res }) => {
      res.writeHead(200, { 'Content-Length': '100' }).write('half');
      await Promise.reject(new Error('bug'));
    });
    await using server = await listen(router);

    await expect(fetch(`${server.url}/a`).then((response) => response.text())).rejects.toThrow();
  });

  it('leaves an answer alone that was complete', async () => {
    const router = new Router().get('/a', async (exchange) => {
      exchange.send(200, { text: 'x'.repeat(1000) });
      await Promise.reject(new Error('bug'));
    });
    await using server = await listen(router);

    const response = await fetch(`${server.url}/a`);

    expect((await response.text()).length).toBe(1011);
  });
});

function shapeOf(path: string): string {
  return path.replace(/\{[^}]+\}/g, '{}');
}
