/** `exchange.json`: what of a body is read, and how it is refused. */
import express from 'express';
import { describe, expect, it, vi } from 'vitest';
import { Router } from '../../src/http/index.ts';
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

function connections(server: {
  getConnections(callback: (error: Error | null, count: number) => void): unknown;
}): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
