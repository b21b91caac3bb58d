/** P5 and P7: what a publisher or a client writes into any field comes out as what it is, on every wire, and nothing else does. */
import { cases, RawWebSocket } from '@fanfare/testkit';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RawClient } from '../transports/live-fixture.ts';
import { ATTACK_KEY, type AttackServer, startAttacked } from './attack-server.ts';
import { codesOf, exchangeBytes } from './wires.ts';

let server: AttackServer;

beforeAll(async () => {
  server = await startAttacked();
});
afterAll(async () => {
  await server.expectUnharmed();
  await server[Symbol.asyncDispose]();
});

async function call(path: string, body: unknown): Promise<{ readonly status: number; readonly body: unknown }> {
  const answer = await fetch(server.url + path, {
    method: 'POST',
    headers: { 'X-API-Key': ATTACK_KEY, 'Content-Type': 'application/json' },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: answer.status, body: await answer.json() };
}

const MARKS = ['\r', '\n', '\r\n', '\0', '\uFEFF', '\u2028', '\u2029', '\u0085', '\u000b', '\u000c', '\u001b[2J'];
const FORGED = 'event: forged\ndata: {"type":"event"}\nid: 1\nretry: 0\n\n';
/** Beginnings and ends of everything that a line of a stream may be. */
const PIECES = [...MARKS, 'data: ', 'event: forged', 'id: 1', 'retry: 0', ':', '\n\n', FORGED, 'ä', '🙂', ''];

describe('P5 SSE injection', { timeout: 60_000 }, () => {
  it('into payloads: every reader of every wire gets exactly what was published', async () => {
    const { seed, values } = cases(
      fc.array(fc.oneof(fc.constantFrom(...PIECES), fc.string({ unit: 'binary', maxLength: 6 })), { maxLength: 6 }),
      500,
    );
    const texts = values.map((parts) => parts.join(''));
    using stream = RawClient.get(server.port, '/live/sse?channel=log:p5&channel=log:none');
    using socket = new RawWebSocket({ port: server.port });
    socket.send({ type: 'subscribe', channel: 'log:p5' });
    await socket.until((frame) => frame.type === 'subscribed');
    const [begun] = await stream
      .until('subscribed', 2)
      .then((events) => events.filter(({ data }) => data.includes('p5')));

    for (let at = 0; at < texts.length; at += 100) {
      const items = texts
        .slice(at, at + 100)
        .map((text) => ({ channel: 'log:p5', event: 'e', data: { [text]: text } }));
      await call('/live/api/batch', { items });
    }

    const expected = texts.map((text) => ({ [text]: text }));
    await stream.until('e', texts.length);
    await vi.waitUntil(() => socket.frames.filter(({ type }) => type === 'event').length === texts.length);
    expect(
      parsed(stream).map(({ data }) => JSON.parse(data).data),
      `seed ${seed}`,
    ).toEqual(expected);
    expect(new Set(parsed(stream).map(({ event }) => event))).toEqual(new Set(['e']));
    expect(socket.frames.flatMap((frame) => (frame.type === 'event' ? [frame.data] : []))).toEqual(expected);
    const { position } = JSON.parse(begun?.data ?? '');
    const polled = await (await fetch(`${server.url}/live/poll?channel=log:p5&cursor=${position}`)).json();
    expect(Object(polled).events.map((event: { readonly data: unknown }) => event.data)).toEqual(expected);
    expect(stream.retryMs).toBeGreaterThanOrEqual(1000);
  });

  it.each(MARKS)(
    'into names, keys and positions (%j) is refused with a code on every way in, and reaches nobody',
    async (mark) => {
      using stream = RawClient.get(server.port, '/live/sse?channel=log:p5');
      await stream.until('subscribed');
      using socket = new RawWebSocket({ port: server.port });
      const good = { channel: 'log:p5', event: 'e', data: 1 };
      const bad = [
        { ...good, channel: `log:p5${mark}x` },
        { ...good, event: `e${mark}x` },
        { ...good, idempotencyKey: `k${mark}x` },
      ];

      for (const [id, body] of bad.entries()) {
        expect((await call('/live/api/publish', body)).status).toBe(400);
        socket.send({ type: 'publish', id, ...body });
        expect(await socket.until((frame) => frame.type === 'error' && frame.id === id)).toMatchObject({
          code: 'FRAME_INVALID',
        });
      }
      expect((await call('/live/api/set', { channel: 'state:p5', data: 1, key: `k${mark}` })).status).toBe(400);
      const odd = encodeURIComponent(`log:p5${mark}`);
      for (const wire of ['sse', 'poll']) {
        const answer = await fetch(`${server.url}/live/${wire}?channel=${odd}`);
        expect([answer.status, Object(await answer.json()).error.code]).toEqual([400, 'CHANNEL_NAME_INVALID']);
      }
      using resumed = RawClient.get(
        server.port,
        `/live/sse?channel=log:p5&cursor=${encodeURIComponent(`1~a${mark}b`)}`,
      );
      await resumed.until('lost');
      expect(
        parsed(resumed)
          .map(({ id }) => id)
          .join(),
      ).not.toContain(mark);
      // Nothing of it came to whoever reads: the next event is the next one that is good.
      await call('/live/api/publish', { ...good, event: 'after' });
      await stream.until('after');
      expect(parsed(stream).map(({ event }) => event)).toEqual(['after']);
    },
  );

  it('into headers of a request does not come back in those of the answer', async () => {
    const forged = encodeURIComponent('a\r\nX-Forged: 1');
    const answers = await Promise.all([
      exchangeBytes(server.port, `GET /live/poll?channel=${forged} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
      exchangeBytes(server.port, `GET /${forged} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`),
      exchangeBytes(
        server.port,
        'GET /live/poll?channel=log:a HTTP/1.1\r\nHost: x\r\nOrigin: http://x%0d%0aX-Forged: 1\r\nConnection: close\r\n\r\n',
      ),
    ]);

    for (const answer of answers) expect(answer.split('\r\n\r\n')[0]).not.toMatch(/^x-forged/im);
    expect(answers.map((answer) => codesOf(answer)[0])).toEqual([
      'CHANNEL_NAME_INVALID',
      'NOT_FOUND',
      'ORIGIN_FORBIDDEN',
    ]);
  });
});

describe('P7 prototype pollution', () => {
  const bodies: readonly string[] = [
    '{"channel":"log:p7","event":"e","data":{"__proto__":{"polluted":true}}}',
    '{"channel":"log:p7","event":"e","data":1,"__proto__":{"event":"forged"}}',
    '{"channel":"log:p7","event":"e","data":[{"\\u005f_proto__":{"polluted":true}}]}',
  ];

  it.each(bodies)('in a body is refused: %s', async (body) => {
    expect(await call('/live/api/publish', body)).toMatchObject({
      status: 400,
      body: { error: { code: 'FIELD_UNKNOWN' } },
    });
    expect(await polluted()).toBeNull();
  });

  it.each(bodies)('in a command is refused on every wire: %s', async (body) => {
    const command = `{"type":"publish","id":1,${body.slice(1)}`;
    using socket = new RawWebSocket({ port: server.port });
    using stream = RawClient.get(server.port, '/live/sse?channel=log:p7');
    const [connected] = await stream.until('connected');
    const waiting = await fetch(`${server.url}/live/poll?channel=log:p7`).then((answer) => answer.json());
    const poll = fetch(`${server.url}/live/poll?channel=log:p7&wait=5&connection=${Object(waiting).connection}`);

    socket.send(command);
    expect(await socket.until((frame) => frame.type === 'error')).toMatchObject({ code: 'FRAME_INVALID', id: 1 });
    for (const { connection } of [JSON.parse(connected?.data ?? ''), Object(waiting)]) {
      const answer = await call(`/live/uplink/${connection}`, command);
      expect(answer).toMatchObject({ status: 400, body: { error: { code: 'FIELD_UNKNOWN' } } });
    }
    await call('/live/api/publish', { channel: 'log:p7', event: 'after', data: 1 });
    expect(Object(await (await poll).json()).events).toMatchObject([{ event: 'after' }]);
    expect(await polluted()).toBeNull();
  });

  it.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'valueOf'])(
    'through the name %s finds nothing',
    async (name) => {
      for (const channel of [name, `log:${name}`]) {
        const answer = await fetch(`${server.url}/live/poll?channel=${channel}`);
        expect(answer.status).toBe(channel === name ? 404 : 200);
      }
      for (const path of [`/live/api/${name}`, `/live/${name}`, `/${name}`, `/live/uplink/${name}`]) {
        expect((await call(path, {})).status).toBe(404);
      }
      expect((await call('/live/api/history', { channel: 'log:p7', [name]: 1 })).status).toBe(400);
      const set = await call('/live/api/set', { channel: 'state:p7', data: name, key: name });
      expect(set.status).toBe(200);
      expect(await polluted()).toBeNull();
    },
  );
});

/** As another implementation reads the stream: without those that the server says of itself. */
function parsed({ text, body }: RawClient): readonly EventSourceMessage[] {
  const events: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (event) => events.push(event) });
  parser.feed(text === '' ? '' : body);
  const own = ['connected', 'subscribed', 'recovered', 'lost', 'heartbeat', 'transports', 'close'];
  return events.filter(({ event = '' }) => !own.includes(event));
}

async function polluted(): Promise<unknown> {
  return Object(await (await fetch(`${server.url}/gauges`)).json()).polluted;
}
