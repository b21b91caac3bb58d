import { request } from 'node:http';
import express from 'express';
import { describe, expect, it, vi } from 'vitest';
import { networkOf, type ProxyTrust, Router, sendCached, TrustedProxies } from '../../src/http/index.ts';
import { errorCode, listen, rawConnection, statuses } from './http-fixture.ts';

const echo = new Router().post('/echo', async (exchange) => exchange.send(200, await exchange.json()));

function post(
  url: string,
  body: string | Uint8Array<ArrayBuffer>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${url}/echo`, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body });
}

async function codeOf(response: Response): Promise<string | undefined> {
  return errorCode(await response.text());
}

describe('exchange.json', () => {
  it.each(['application/json', 'application/json; charset=utf-8', 'APPLICATION/JSON;charset="UTF-8"'])(
    'takes %s',
    async (type) => {
      await using server = await listen(echo);

      const response = await post(server.url, '{"a":[1,"é"]}', { 'Content-Type': type });

      expect(await response.json()).toEqual({ a: [1, 'é'] });
    },
  );

  it.each([
    ['text/plain', 'CONTENT_TYPE_UNSUPPORTED'],
    ['application/jsonp', 'CONTENT_TYPE_UNSUPPORTED'],
    ['application/json; charset=latin1', 'CONTENT_TYPE_UNSUPPORTED'],
    ['application/x-www-form-urlencoded', 'CONTENT_TYPE_UNSUPPORTED'],
    ['', 'CONTENT_TYPE_UNSUPPORTED'],
  ])('answers 415 to %j', async (type, code) => {
    await using server = await listen(echo);

    const response = await post(server.url, '{}', { 'Content-Type': type });

    expect([response.status, await codeOf(response)]).toEqual([415, code]);
  });

  it('answers 415 to a compressed body', async () => {
    await using server = await listen(echo);

    const response = await post(server.url, '{}', { 'Content-Encoding': 'gzip' });

    expect([response.status, await codeOf(response)]).toEqual([415, 'CONTENT_ENCODING_UNSUPPORTED']);
  });

  it.each([
    ['nothing', '', 'BODY_MISSING'],
    ['half an object', '{"a":', 'JSON_INVALID'],
    ['33 levels', `${'['.repeat(33)}${']'.repeat(33)}`, 'JSON_TOO_DEEP'],
    ['64 KiB of brackets', '['.repeat(65_536), 'JSON_TOO_DEEP'],
    ['a __proto__ key', '{"a":[{"__proto__":{"admin":true}}]}', 'FIELD_UNKNOWN'],
    ['an escaped __proto__ key', '{"\\u005f_pr\\u006fto__":1}', 'FIELD_UNKNOWN'],
    ['a byte order mark', '\uFEFF{}', 'JSON_INVALID'],
    ['invalid UTF-8', Uint8Array.of(0x22, 0xff, 0x22), 'JSON_INVALID'],
    ['a surrogate in UTF-8', Uint8Array.of(0x22, 0xed, 0xa0, 0x80, 0x22), 'JSON_INVALID'],
  ])('answers 400 to %s', async (_, body, code) => {
    await using server = await listen(echo);

    const response = await post(server.url, body);

    expect([response.status, await codeOf(response)]).toEqual([400, code]);
  });

  it('says where the JSON breaks', async () => {
    await using server = await listen(echo);

    const response = await post(server.url, '{"a": nope}');

    expect(await response.json()).toMatchObject({ error: { code: 'JSON_INVALID', details: { position: 7 } } });
  });

  it('takes 32 levels, 64 KiB, and the word __proto__ as a value', async () => {
    await using server = await listen(echo);
    const bodies = [`${'['.repeat(32)}${']'.repeat(32)}`, JSON.stringify('x'.repeat(65_534)), '"__proto__"'];

    for (const body of bodies) {
      expect(await (await post(server.url, body)).text()).toBe(body);
    }
  });

  it('answers 413 to a body that is announced too large, and the connection ends after it', async () => {
    await using server = await listen(echo);
    const head = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 65537\r\n\r\n';

    const raw = rawConnection(server.port, head + 'x'.repeat(65_537));
    const answer = await raw.ended;

    expect([statuses(answer), errorCode(answer)]).toEqual([[413], 'BODY_TOO_LARGE']);
    expect(answer).toMatch(/connection: close/i);
  });

  it('answers 413 to a chunked body as soon as it is too large, while its sender still sends', async () => {
    await using server = await listen(echo);
    const head =
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';
    const raw = rawConnection(server.port, head);
    const chunk = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
    for (let sent = 0; sent < 40; sent += 1) raw.socket.write(chunk);

    await vi.waitFor(() => expect(statuses(raw.text())).toEqual([413]));
    raw.socket.end('0\r\n\r\n');

    expect(errorCode(await raw.ended)).toBe('BODY_TOO_LARGE');
  });

  it('cuts off who goes on sending after the 413', async () => {
    await using server = await listen(echo);
    const head = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9999999\r\n\r\n';
    const raw = rawConnection(server.port, head);

    const answer = await raw.ended;

    expect([statuses(answer), raw.socket.destroyed]).toEqual([[413], true]);
  });

  it('does not wait for ever for the body of a caller who had hung up before it was asked for', async () => {
    const entered = vi.fn();
    const outcome = vi.fn();
    const router = new Router().post('/late', async (exchange) => {
      entered();
      await new Promise((resolve) => exchange.req.once('close', resolve));
      await exchange.json().then(outcome, outcome);
    });
    await using server = await listen(router);

    const raw = rawConnection(
      server.port,
      `POST /late HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{`,
    );
    await vi.waitFor(() => expect(entered).toHaveBeenCalled());
    raw.socket.destroy();

    await vi.waitFor(() => expect(outcome).toHaveBeenCalledOnce());
    expect(outcome.mock.calls[0]?.[0]).toHaveProperty('name', 'RequestAborted');
  });

  it('ends quietly when the caller hangs up half-way', async () => {
    const onError = vi.fn();
    const settled = vi.fn();
    const router = new Router({ onError }).post('/echo', (exchange) =>
      exchange.json().then(settled, (error: unknown) => {
        settled(error);
        throw error;
      }),
    );
    await using server = await listen(router);
    const raw = rawConnection(
      server.port,
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a"',
    );
    await vi.waitFor(async () => expect(await connections(server.server)).toBe(1));

    raw.socket.destroy();

    await vi.waitFor(() => expect(settled).toHaveBeenCalledOnce());
    expect(settled.mock.calls[0]?.[0]).toHaveProperty('name', 'RequestAborted');
    expect(onError).not.toHaveBeenCalled();
  });

  it('keeps the connection for the next request after an error with a short body', async () => {
    await using server = await listen(echo);
    const one = 'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}';
    const two =
      'POST /echo HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}';

    const answer = await rawConnection(server.port, one + two).ended;

    expect(statuses(answer)).toEqual([415, 200]);
  });

  it('takes the body that express has parsed, and still refuses what is too deep', async () => {
    const app = express();
    app.use(express.json());
    app.use((req, res) => void echo.handle(req, res));
    await using server = await listen(app);

    const good = await post(server.url, '{"a":1}');
    const deep = await post(server.url, `${'['.repeat(40)}${']'.repeat(40)}`);
    const none = await fetch(`${server.url}/echo`, { method: 'POST', body: 'text' });

    expect(await good.json()).toEqual({ a: 1 });
    expect(await codeOf(deep)).toBe('JSON_TOO_DEEP');
    expect(await codeOf(none)).toBe('CONTENT_TYPE_UNSUPPORTED');
  });
});

describe('exchange', () => {
  const whoami = (trustedHops: ProxyTrust): Router =>
    new Router({ trustedHops }).get('/', (exchange) => exchange.send(200, [exchange.address, exchange.language]));

  it.each([
    [0, '1.1.1.1', '127.0.0.1'],
    [1, '1.1.1.1', '1.1.1.1'],
    [1, '6.6.6.6, 1.1.1.1', '1.1.1.1'],
    [2, '6.6.6.6, 1.1.1.1, 2.2.2.2', '1.1.1.1'],
    [2, '1.1.1.1', '1.1.1.1'],
    [1, 'nonsense', '127.0.0.1'],
    [1, '', '127.0.0.1'],
    // Some proxies add the port; counted with it, every new connection would be a new caller.
    [1, '1.1.1.1:40001', '1.1.1.1'],
    [1, '[2001:db8::1]:40001', '2001:db8::1'],
    [1, '::FFFF:1.1.1.1', '1.1.1.1'],
    [1, '1.1.1', '127.0.0.1'],
    [1, ':::', '127.0.0.1'],
  ])('behind %i proxies takes the address of %j for %s', async (hops, forwarded, address) => {
    await using server = await listen(whoami(hops));

    const response = await fetch(server.url, { headers: { 'X-Forwarded-For': forwarded } });

    expect((await response.json())[0]).toBe(address);
  });

  it.each([
    // The socket's peer is 127.0.0.1 in all of them.
    ['127.0.0.1', '1.1.1.1', '1.1.1.1'],
    ['127.0.0.1', '6.6.6.6, 1.1.1.1', '1.1.1.1'],
    ['127.0.0.0/8, 10.0.0.0/8', '6.6.6.6, 1.1.1.1, 10.0.0.7', '1.1.1.1'],
    ['127.0.0.0/8, 10.0.0.0/8', '6.6.6.6, 1.1.1.1, 10.0.0.7, 10.9.9.9', '1.1.1.1'],
    ['127.0.0.0/8, 10.0.0.0/8', '10.0.0.1, 10.0.0.7', '10.0.0.1'],
    ['127.0.0.1, fd00::/8', '2001:db8::1, [fd00::7]:4000', '2001:db8::1'],
    // What a proxy of ours says of somebody who is none of ours is where belief ends.
    ['127.0.0.0/8, 10.0.0.0/8', '10.0.0.1, 1.1.1.1, 10.0.0.7', '1.1.1.1'],
    ['127.0.0.0/8, 10.0.0.0/8', '1.1.1.1, nonsense, 10.0.0.7', '10.0.0.7'],
    ['127.0.0.1', 'nonsense', '127.0.0.1'],
    // The peer is no proxy of ours: anybody can write this header.
    ['10.0.0.0/8', '1.1.1.1', '127.0.0.1'],
  ])('behind the proxies %s takes the address of %j for %s', async (list, forwarded, address) => {
    await using server = await listen(whoami(new TrustedProxies(list.split(', '))));

    const response = await fetch(server.url, { headers: { 'X-Forwarded-For': forwarded } });

    expect((await response.json())[0]).toBe(address);
  });

  it.each(['10.0.0.0/0', '10.0.0.0/33', '::/0', 'proxy.example', '', '10.0.0', '10.0.0.0/8/8', '*'])(
    'takes no proxy %j',
    (range) => {
      expect(() => new TrustedProxies([range])).toThrow(TypeError);
    },
  );

  it('behind proxies by address takes the scheme that the outermost of them wrote', async () => {
    const trust = new TrustedProxies(['127.0.0.1', '10.0.0.0/8']);
    await using server = await listen(
      new Router({ trustedHops: trust }).get('/', (exchange) => exchange.send(200, exchange.isSecure)),
    );
    const isSecure = async (from: string, proto: string): Promise<unknown> =>
      (await fetch(server.url, { headers: { 'X-Forwarded-For': from, 'X-Forwarded-Proto': proto } })).json();

    expect(await isSecure('1.1.1.1', 'https')).toBe(true);
    expect(await isSecure('1.1.1.1, 10.0.0.7', 'https, http')).toBe(true);
    expect(await isSecure('1.1.1.1', 'https, http')).toBe(false);
  });

  it.each([
    [0, 'https', false],
    [1, 'https', true],
    [1, 'http', false],
    [1, undefined, false],
    [1, 'https, http', false],
    [2, 'https, http', true],
    [2, 'https', true],
  ])('behind %i proxies takes X-Forwarded-Proto %j for TLS: %s', async (trustedHops, forwarded, isSecure) => {
    await using server = await listen(
      new Router({ trustedHops }).get('/', (exchange) => exchange.send(200, exchange.isSecure)),
    );

    const response = await fetch(
      server.url,
      forwarded === undefined ? {} : { headers: { 'X-Forwarded-Proto': forwarded } },
    );

    expect(await response.json()).toBe(isSecure);
  });

  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2::/64'],
    ['2001:db8::9', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['', ''],
  ])('counts %j as one caller with everybody in %j', (address, network) => {
    expect(networkOf(address)).toBe(network);
    expect(networkOf(address, 48)).toBe(network.replace(/:[^:]+::\/64$/, '::/48'));
  });

  it.each([
    ['vi', 'vi'],
    ['vi-VN,vi;q=0.9,en;q=0.8', 'vi'],
    ['en-GB, vi;q=0.9', 'en'],
    ['en;q=0.2, vi;q=0.3', 'vi'],
    ['fr, de', 'en'],
    ['vi;q=0', 'en'],
    ['*', 'en'],
    ['vi;q=nonsense', 'vi'],
    [',;=,', 'en'],
  ])('reads Accept-Language %s as %s', async (header, language) => {
    await using server = await listen(whoami(0));

    const response = await fetch(server.url, { headers: { 'Accept-Language': header } });

    expect((await response.json())[1]).toBe(language);
  });

  it('answers with headers that forbid sniffing and keeping', async () => {
    await using server = await listen(whoami(0));

    const { headers } = await fetch(server.url);

    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
  });
});

describe('sendCached', () => {
  it('answers 304 to who has the value, and 200 once it changed', async () => {
    let value = 1;
    await using server = await listen(new Router().get('/', (exchange) => sendCached(exchange, { value })));
    const first = await fetch(server.url);
    const etag = first.headers.get('etag') ?? '';

    const same = await statusWith(server.url, etag);
    const weak = await statusWith(server.url, `"other", W/${etag}`);
    value = 2;
    const changed = await statusWith(server.url, etag);

    expect([same, weak, changed, await statusWith(server.url, '*')]).toEqual([304, 304, 200, 304]);
  });
});

/** By node:http: fetch has a cache of its own opinion about If-None-Match. */
function statusWith(url: string, ifNoneMatch: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers: { 'If-None-Match': ifNoneMatch } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on('error', reject).end();
  });
}

function connections(server: {
  getConnections(callback: (error: Error | null, count: number) => void): unknown;
}): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
