/** P8 and P11 on the polls of Socket.IO: ten thousand broken bodies, each of a session that stands. */
import { bodyCases, CASES, cases, type HttpCase, mutatedBytes, sendCases } from '@fanfare/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FuzzedRooms, startFuzzedRooms } from './fuzzed-rooms.ts';

let rooms: FuzzedRooms;
beforeAll(async () => {
  rooms = await startFuzzedRooms();
});
afterAll(() => rooms[Symbol.asyncDispose]());

const PATH = '/socket.io/?EIO=4&transport=polling';
/** Sessions at a time: far under what may wait to join. */
const AT_ONCE = 400;
/** Of Engine.IO: taken, broken, too large. */
const STATUSES = [200, 400, 413];

interface Body {
  readonly bytes: Buffer;
  readonly type: string;
}

/** Sends requests, each of which gets one answer; in their order. */
async function ask(
  requests: readonly Buffer[],
): Promise<readonly { readonly status: number; readonly body: string }[]> {
  const sent = requests.map((bytes): HttpCase => ({ bytes, isAlone: false, isWrong: false, what: 'poll' }));
  const answers = new Map(
    (await sendCases(sent, { port: rooms.port, lanes: 8 })).map((one) => [one.sent, one.answers]),
  );
  return sent.map((one) => answers.get(one)?.[0] ?? { status: 0, body: '' });
}

async function openSessions(count: number): Promise<readonly string[]> {
  const answers = await ask(
    Array.from({ length: count }, () => Buffer.from(`GET ${PATH} HTTP/1.1\r\nHost: x\r\n\r\n`)),
  );
  return answers.map(({ body }) => String(JSON.parse(body.slice(1)).sid));
}

function postOf(sid: string, { bytes, type }: Body): Buffer {
  const head = `POST ${PATH}&sid=${sid} HTTP/1.1\r\nHost: x\r\nContent-Type: ${type}\r\nContent-Length: ${bytes.length}\r\n\r\n`;
  return Buffer.concat([Buffer.from(head), bytes]);
}

const TEXT = 'text/plain;charset=UTF-8';
const END: Body = { bytes: Buffer.from('1'), type: TEXT };

describe('P11 random mutations', { timeout: 300_000 }, () => {
  it('of the bodies of polls are taken or refused, and end that session at most', async () => {
    const { seed, values } = cases(bodiesOfPolls());
    const odd: string[] = [];
    for (let at = 0; at < CASES; at += AT_ONCE) {
      const bodies = values.slice(at, at + AT_ONCE);
      const sids = await openSessions(bodies.length);
      const answers = await ask(bodies.map((body, n) => postOf(sids[n] ?? '', body)));
      for (const [n, { status, body }] of answers.entries()) {
        // 1: the session is not known, so that nobody would have read it.
        if (!STATUSES.includes(status) || body.includes('"code":1,'))
          odd.push(`${status} ${body} ${bodies[n]?.type} ${bodies[n]?.bytes.toString('latin1').slice(0, 200)}`);
      }
      await ask(sids.map((sid) => postOf(sid, END)));
    }

    expect(odd.slice(0, 20), `seed ${seed}`).toEqual([]);
    await rooms.expectUnharmed();
  });
});

/** Records, some of them in base64, some broken; now and then of another type, or too large. */
function bodiesOfPolls(): fc.Arbitrary<Body> {
  const event = bodyCases({ bodies: [{ room: 'fuzz', message: { a: [1] }, since: 'k3Zq81.15' }], isStrict: false });
  const packet = fc.oneof(
    fc.constantFrom('40', '41', '42["ping"]', '2', '3', '6', '1', '5', 'b', 'bAQID', 'b////', 'b=', '451-["x"]', ''),
    event.map(({ bytes }) => `42["join-room",${bytes}]`),
  );
  const records = fc
    .array(packet, { minLength: 1, maxLength: 6 })
    .map((list) => Buffer.from(`40\x1e${list.join('\x1e')}`));
  const type = fc.oneof(
    { weight: 9, arbitrary: fc.constant(TEXT) },
    {
      weight: 1,
      arbitrary: fc.constantFrom('application/json', 'application/octet-stream', '', 'multipart/form-data'),
    },
  );
  const bytes = fc.oneof(
    { weight: 100, arbitrary: records },
    { weight: 100, arbitrary: mutatedBytes(records) },
    { weight: 20, arbitrary: fc.nat({ max: 3000 }).map((n) => Buffer.from('\x1e'.repeat(n))) },
    { weight: 1, arbitrary: records.map((one) => Buffer.concat([one, Buffer.alloc(70_000, 'x')])) },
  );
  return fc.record({ bytes, type });
}
