/** An exchange: what it says of a request, and what it answers. */
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { networkOf, type ProxyTrust, Router, sendCached, TrustedProxies } from '../../src/http/index.ts';
import { listen } from './http-fixture.ts';

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
