/**
 * P11 for what polling clients do at once: ten thousand random polls, commands and hang-ups, and 2500 on a second engine, on a handful of shared
 * connections, so that two polls of one, a POST beside a poll that waits and a wire that is closed in the middle come together all the time.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { CASES, cases } from '@fanfare/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AttackServer, startAttacked } from './attack-server.ts';
import { each, exchangeBytes, statusesOf } from './wires.ts';

const CONNECTIONS = Array.from({ length: 6 }, (_, n) => `sharedByManyPolls${n}`);
const STATUSES = [200, 304, 400, 401, 403, 404, 409, 429, 503];

const connection = fc.constantFrom(...CONNECTIONS);
const who = fc.constantFrom('', 'Authorization: Bearer an\r\n', 'Authorization: Bearer eve\r\n');
const pollOp = fc.record({
  kind: fc.constant('poll' as const),
  connection,
  who,
  channels: fc.constantFrom('channel=log:a', 'channel=log:a&channel=state:b', 'channel=signal:a', 'channel=own:a', ''),
  wait: fc.constantFrom('0', '0', '0.02', '0.2'),
  tag: fc.constantFrom('', 'If-None-Match: "1~k3Zq81.15"\r\n', 'If-None-Match: *\r\n'),
  /** Milliseconds after which it hangs up; undefined: it waits for its answer. */
  leavesAfter: fc.option(fc.integer({ min: 0, max: 20 }), { nil: undefined }),
  resets: fc.boolean(),
});
const commandOp = fc.record({
  kind: fc.constant('command' as const),
  connection,
  who,
  body: fc.constantFrom(
    '{"type":"subscribe","id":1,"channel":"log:b"}',
    '{"type":"unsubscribe","id":2,"channel":"log:a"}',
    '{"type":"publish","id":3,"channel":"log:a","event":"e","data":1}',
    '{"type":"publish","id":4,"channel":"signal:a","event":"e","data":1}',
    '{"type":"auth","id":5,"token":"an"}',
    '{"frames":[{"type":"ping"},{"type":"publish","id":6,"channel":"log:a","event":"e","data":2},{"type":"subscribe","id":7,"channel":"own:b"}]}',
    '{"type":"subscribe","id":8',
  ),
  leavesAfter: fc.option(fc.integer({ min: 0, max: 5 }), { nil: undefined }),
  resets: fc.boolean(),
});
type Op = typeof pollOp extends fc.Arbitrary<infer P> ? P | CommandOp : never;
type CommandOp = typeof commandOp extends fc.Arbitrary<infer C> ? C : never;

function requestOf(op: Op): string {
  const end = `Host: x\r\nConnection: close\r\n${op.who}`;
  if (op.kind === 'poll') {
    const query = [op.channels, `wait=${op.wait}`, `connection=${op.connection}`].filter((part) => part !== '');
    return `GET /live/poll?${query.join('&')} HTTP/1.1\r\n${op.tag}${end}\r\n`;
  }
  const length = Buffer.byteLength(op.body);
  return `POST /live/uplink/${op.connection} HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: ${length}\r\n${end}\r\n${op.body}`;
}

/** Sends it and is gone after a while, whatever is under way by then. */
async function sendAndLeave(port: number, op: Op, afterMs: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  socket.on('error', () => {});
  const closed = once(socket, 'close');
  socket.write(requestOf(op));
  const leave = (): void => void (op.resets ? socket.resetAndDestroy() : socket.destroy());
  if (afterMs === 0) socket.once('connect', leave);
  else setTimeout(leave, afterMs);
  socket.resume();
  await closed;
}

describe.each([
  ['memory', CASES],
  ['sqlite', CASES / 4],
])('P11 polls and commands at once, on the engine %s,', { timeout: 300_000 }, (engine) => {
  let server: AttackServer;
  beforeAll(async () => {
    server = await startAttacked({ FANFARE_ENGINE: engine });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('each get the answer that they wait for, and leave nothing behind', async () => {
    const { seed, values } = cases<Op>(fc.oneof({ weight: 3, arbitrary: pollOp }, { weight: 2, arbitrary: commandOp }));
    const statuses: (number | undefined)[] = [];

    await each(values, { atOnce: 96 }, async (op) => {
      if (op.leavesAfter !== undefined) return sendAndLeave(server.port, op, op.leavesAfter);
      statuses.push(statusesOf(await exchangeBytes(server.port, requestOf(op), { forMs: 30_000 }))[0]);
    });

    expect(
      statuses.filter((status) => status === undefined || !STATUSES.includes(status)),
      `seed ${seed}`,
    ).toEqual([]);
    // Most of them must have got past the door, or nothing of this was tried.
    expect(statuses.filter((status) => status === 200 || status === 304).length, `seed ${seed}`).toBeGreaterThan(
      statuses.length / 4,
    );
    await server.expectUnharmed();
  });
});
