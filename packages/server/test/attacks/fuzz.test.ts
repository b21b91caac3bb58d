/** P11: ten thousand random mutations of what each protocol surface takes; the right code for each, and nothing else happens. */
import { cases, encodeRawFrame, mutatedBytes, mutatedText, OPCODES, RawWebSocket } from '@fanfare/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RawClient } from '../transports/live-fixture.ts';
import { ATTACK_KEY, type AttackServer, startAttacked } from './attack-server.ts';
import { each, exchangeBytes, pipelined, statusesOf } from './wires.ts';

let server: AttackServer;

beforeAll(async () => {
  server = await startAttacked();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Requests that share a connection: a broken one ends it, and whoever comes behind gets no answer. */
const PER_CONNECTION = 50;
const HTTP_STATUSES = [200, 304, 400, 401, 403, 404, 405, 406, 408, 409, 413, 415, 422, 426, 429, 431, 503];

const QUERIES = fc.constantFrom(
  'channel=log:a',
  'channel=log:a&channel=state:b',
  'channel=log:a@k3Zq81.15',
  'channel=log:a&cursor=1~k3Zq81.6fnxFu7j16.-ZHZto1M8',
  'channel=secret:a',
  'channel=nothing',
);

function pathOf(wire: string, query: string): string {
  return `/live/${wire}?${query}`.replace(NOT_IN_A_TARGET, (one) => encodeURIComponent(Buffer.from(one).toString()));
}

/** What ends a request line, or is no URL at all: that is another row, P10. */
const NOT_IN_A_TARGET = /[^\x21-\x7e]/gu;

/** The value of a header in one line. */
function inOneLine(text: string): string {
  return text.replace(/[\r\n]/g, '').replaceAll('\0', '');
}

function toBytes(text: string): Buffer {
  return Buffer.from(text, 'utf8');
}

async function expectKnownStatuses(answers: readonly string[], seed: number): Promise<void> {
  const odd = answers.flatMap(statusesOf).filter((status) => !HTTP_STATUSES.includes(status));
  expect(odd, `seed ${seed}`).toEqual([]);
  await server.expectUnharmed();
}

function batches<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));
}

describe('P11 random mutations', { timeout: 300_000 }, () => {
  it('of the URL and headers of a stream open a good one, or are refused with a code', async () => {
    const header = mutatedText(
      fc.constantFrom('k3Zq81.15', '1~k3Zq81.6fnxFu7j16.-ZHZto1M8', 'en-GB,en;q=0.5', 'Bearer an'),
    );
    const name = fc.constantFrom(
      'Last-Event-ID',
      'Accept-Language',
      'Authorization',
      'Accept',
      'Origin',
      'Cookie',
      'X-Forwarded-For',
    );
    const { seed, values } = cases(fc.tuple(mutatedText(QUERIES), name, header));
    const requests = values.map(([query, field, value]) =>
      toBytes(`GET ${pathOf('sse', query)} HTTP/1.1\r\nHost: x\r\n${field}: ${inOneLine(value)}\r\n\r\n`),
    );
    // One that is good stays open: the requests behind it on the same connection are not read, so each has its own.
    const answers: string[] = [];

    await each(requests, { atOnce: 64 }, async (request) => {
      answers.push(await firstAnswer(request));
    });

    const streams = answers.filter((answer) => answer.includes('text/event-stream'));
    for (const stream of streams.slice(0, 500))
      expect(stream, `seed ${seed}`).toMatch(/\r\n\r\nretry: \d+\n\n(event|$)/);
    expect(
      answers.filter((answer) => answer === ''),
      `seed ${seed}`,
    ).toEqual([]);
    await expectKnownStatuses(answers, seed);
  });

  it('of a poll are answered, or refused with a code', async () => {
    const wait = mutatedText(fc.constantFrom('&wait=0', '&connection=Yk2fP0s9vQ1mZt3x', ''));
    const tag = mutatedText(fc.constantFrom('"1~k3Zq81.6fnxFu7j16.-ZHZto1M8"', 'W/"k3Zq81.15!poll"', '*'));
    const { seed, values } = cases(fc.tuple(mutatedText(QUERIES), wait, tag));
    const requests = values.map(([query, more, etag], index) => {
      const last = (index + 1) % PER_CONNECTION === 0 ? 'Connection: close\r\n' : '';
      // A good wait of some seconds would only make the test slow.
      const path = pathOf('poll', query + more.replace(/wait=[1-9]/g, 'wait=0.'));
      return toBytes(`GET ${path} HTTP/1.1\r\nHost: x\r\nIf-None-Match: ${inOneLine(etag)}\r\n${last}\r\n`);
    });
    const answers: string[] = [];

    await each(batches(requests, PER_CONNECTION), { atOnce: 4 }, async (batch) => {
      answers.push(await pipelined(server.port, batch));
    });

    expect(answers.flatMap(statusesOf).length, `seed ${seed}`).toBe(values.length);
    await expectKnownStatuses(answers, seed);
  });

  it('of the bytes of WebSocket frames end the connection with a code of RFC 6455, or are read', async () => {
    const good = fc.constantFrom(
      encodeRawFrame({ payload: '{"type":"ping"}' }),
      encodeRawFrame({ payload: '{"type":"subscribe","id":1,"channel":"log:a"}' }),
      encodeRawFrame({ payload: 'x'.repeat(300) }),
      encodeRawFrame({ opcode: OPCODES.ping, payload: 'are you there' }),
      encodeRawFrame({ opcode: OPCODES.close, payload: Buffer.from([0x03, 0xe8]) }),
      Buffer.concat([
        encodeRawFrame({ payload: '{"type":', fin: false }),
        encodeRawFrame({ opcode: OPCODES.continuation, payload: '"ping"}' }),
      ]),
    );
    const { seed, values } = cases(mutatedBytes(good));
    const ends: number[] = [];

    // Nearly every one ends its connection, so that each has its own: one behind it would not be read.
    await each(values, { atOnce: 32 }, async (frame) => {
      using socket = new RawWebSocket({ port: server.port });
      await socket.answered();
      // A length that was made longer waits for bytes that never come: whoever has none left says so.
      socket.socket.end(frame);
      await socket.untilClosed();
      if (socket.closedWith !== undefined) ends.push(socket.closedWith.code);
    });

    expect(
      ends.filter((code) => !isSendable(code)),
      `seed ${seed}`,
    ).toEqual([]);
    expect(ends.length, `seed ${seed}`).toBeGreaterThan(1000);
    await server.expectUnharmed();
  });

  it('of a publish are answered, and at most what still is one is stored', async () => {
    const good = fc.constantFrom(
      '{"channel":"log:fuzz","event":"e","data":{"text":"hi"},"idempotencyKey":"k-1"}',
      '{"channel":"state:fuzz","event":"e","data":[1,2,{"a":null}]}',
    );
    const { seed, values } = cases(mutatedBytes(good.map(toBytes)));
    const before = (await server.gauges()).published;
    const answers: string[] = [];

    await each(batches(values, PER_CONNECTION), { atOnce: 4 }, async (bodies) => {
      const requests = bodies.map((body, index) => {
        const last = index === bodies.length - 1 ? 'Connection: close\r\n' : '';
        const head = `POST /live/api/publish HTTP/1.1\r\nHost: x\r\nX-API-Key: ${ATTACK_KEY}\r\nContent-Type: application/json\r\n${last}Content-Length: ${body.length}\r\n\r\n`;
        return Buffer.concat([Buffer.from(head), body]);
      });
      answers.push(await pipelined(server.port, requests));
    });

    const statuses = answers.flatMap(statusesOf);
    expect(statuses.length, `seed ${seed}`).toBe(values.length);
    await vi.waitFor(async () => {
      const { published } = await server.gauges();
      expect(published - before).toBe(statuses.filter((status) => status === 200).length);
    });
    await expectKnownStatuses(answers, seed);
  });
});

describe.each(['memory', 'sqlite'])('P11 random mutations, on the engine %s,', { timeout: 300_000 }, (engine) => {
  let attacked: AttackServer;
  beforeAll(async () => {
    attacked = await startAttacked({ FANFARE_ENGINE: engine });
  });
  afterAll(() => attacked[Symbol.asyncDispose]());

  it('of commands on an uplink each get their answer', async () => {
    const { seed, values } = cases(mutatedText(COMMANDS));
    const problems: string[] = [];

    await each(batches(values, 200), { atOnce: 4 }, async (texts) => {
      using stream = RawClient.get(attacked.port, '/live/sse?channel=log:a');
      const [connected] = await stream.until('connected');
      const { connection } = JSON.parse(connected?.data ?? '');
      const requests = texts.map((text, index) => {
        const body = toBytes(text);
        const last = index === texts.length - 1 ? 'Connection: close\r\n' : '';
        const head = `POST /live/uplink/${connection} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n${last}Content-Length: ${body.length}\r\n\r\n`;
        return Buffer.concat([Buffer.from(head), body]);
      });
      const statuses = statusesOf(await pipelined(attacked.port, requests));
      const odd = statuses.filter((status) => ![200, 400, 413].includes(status));
      if (statuses.length !== texts.length || odd.length > 0) problems.push(`${statuses.length} answers, ${odd}`);
    });

    expect(problems, `seed ${seed}`).toEqual([]);
    await attacked.expectUnharmed();
  });

  it('of commands on a WebSocket each get their answer, and the connection stays', async () => {
    const { seed, values } = cases(mutatedText(COMMANDS));
    const problems: string[] = [];

    await each(batches(values, 200), { atOnce: 4 }, async (texts) => {
      using socket = new RawWebSocket({ port: attacked.port });
      await socket.answered();
      // Half a surrogate pair is not UTF-8, and as such the row P6's.
      for (const part of batches(texts, 10)) {
        const heard = socket.frames.length;
        for (const text of part) socket.send(Buffer.from(text).toString());
        const isAnswered = (): boolean => socket.frames.length >= heard + part.length || socket.closed;
        await vi.waitUntil(isAnswered, { timeout: 10_000, interval: 1 });
      }
      if (socket.closed) problems.push(JSON.stringify(socket.closedWith));
      if (socket.frames.some((frame) => frame.type === 'error' && frame.code === 'INTERNAL')) problems.push('INTERNAL');
    });

    expect(problems, `seed ${seed}`).toEqual([]);
    await attacked.expectUnharmed();
  });
});

/** RFC 6455 §7.4: what may stand in a close frame; 1005: it had none. */
function isSendable(code: number): boolean {
  return (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1006) || (code >= 3000 && code < 5000);
}

const COMMANDS = fc.constantFrom(
  '{"type":"subscribe","id":1,"channel":"log:a","position":"k3Zq81.15"}',
  '{"type":"unsubscribe","id":2,"channel":"log:a"}',
  '{"type":"publish","id":7,"channel":"log:fuzz","event":"e","data":{"text":"hi"},"idempotencyKey":"n-1"}',
  '{"type":"publish","id":8,"channel":"state:fuzz","event":"state","data":{"score":[12,9]},"key":"set-2"}',
  '{"type":"ping"}',
  '{"frames":[{"type":"ping"},{"type":"subscribe","id":3,"channel":"signal:a"}]}',
);

/** The head of the answer and its first bytes; then the client leaves. */
function firstAnswer(request: Buffer): Promise<string> {
  return exchangeBytes(server.port, request, { untilText: /\r\n\r\n[\s\S]/ });
}
