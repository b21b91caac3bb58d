/** P11 for one-time tickets: ten thousand broken requests for one, ten thousand broken tickets, and each that is whole counts once. */
import { CASES, cases, type HttpCase, httpCases, judgeAnswers, mutatedText, sendCases } from '@fanfare/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AttackServer, startAttacked } from './attack-server.ts';
import { each, exchangeBytes } from './wires.ts';

let server: AttackServer;
beforeAll(async () => {
  server = await startAttacked();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Of as many users as there are: one alone gets 128 at once. */
const BEARER = fc.integer({ min: 0, max: 26 ** 4 - 1 }).map((n) => ({ Authorization: `Bearer ${nameOf(n)}` }));

function nameOf(n: number): string {
  return [1, 26, 26 ** 2, 26 ** 3].map((unit) => String.fromCharCode(97 + (Math.floor(n / unit) % 26))).join('');
}

async function issue(count: number): Promise<readonly string[]> {
  const requests = Array.from({ length: count }, (_, n): HttpCase => {
    const head = `POST /live/tickets HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${nameOf(n)}\r\nContent-Length: 0\r\n\r\n`;
    return { bytes: Buffer.from(head), isAlone: false, isWrong: false, what: 'ticket' };
  });
  const answered = await sendCases(requests, { port: server.port });
  return answered.flatMap(({ answers }) => answers.map(({ body }) => String(JSON.parse(body).ticket)));
}

describe('P11 random mutations', { timeout: 300_000 }, () => {
  it('of a request for a ticket are refused with a code, or get one of their own', async () => {
    const { seed, values } = cases(httpCases({ method: 'POST', path: '/live/tickets', headers: BEARER }));

    const answered = await sendCases(values, { port: server.port });

    const { problems } = judgeAnswers(answered);
    expect(problems, `seed ${seed}`).toEqual([]);
    const tickets = answered
      .flatMap(({ answers }) => answers)
      .flatMap(({ status, body }) => (status === 200 && body.startsWith('{"ticket"') ? [JSON.parse(body).ticket] : []));
    expect(new Set(tickets).size, `seed ${seed}`).toBe(tickets.length);
    expect(tickets.length, `seed ${seed}`).toBeGreaterThan(1000);
    await server.expectUnharmed();
  });

  it('of a ticket poll nothing, and each that is whole polls once', async () => {
    for (let portion = 0; portion < PORTIONS; portion += 1) {
      const { seed, values } = cases(presented(await issue(50)), CASES / PORTIONS);
      const requests = values.map(({ ticket, isWhole }): HttpCase => {
        const path = `/live/poll?channel=own:a&wait=0&ticket=${encoded(ticket)}`;
        const bytes = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: x\r\n\r\n`);
        return { bytes, isAlone: false, isWrong: !isWhole, what: ticket };
      });

      const { problems, counts } = judgeAnswers(await sendCases(requests, { port: server.port }));

      const used = countWhole(values);
      expect(problems, `seed ${seed}`).toEqual([]);
      expect(counts, `seed ${seed}`).toEqual({ 200: used, 401: values.length - used });
    }
    await server.expectUnharmed();
  });

  it('of a ticket open no stream and no WebSocket, and each that is whole opens one', async () => {
    for (let portion = 0; portion < PORTIONS; portion += 1) {
      const { seed, values } = cases(fc.tuple(presented(await issue(50)), fc.boolean()), CASES / PORTIONS);
      const outcomes = { open: 0, refused: 0, other: 0 };

      await each(values, { atOnce: 32 }, async ([{ ticket }, isStream]) => {
        const path = `/live/${isStream ? 'sse' : 'ws'}?channel=own:a&ticket=${encoded(ticket)}`;
        const head = `GET ${path} HTTP/1.1\r\nHost: x\r\n${isStream ? '' : UPGRADE}\r\n`;
        const answer = await exchangeBytes(server.port, head, { untilText: DECISIVE });
        outcomes[answer.includes('TICKET_INVALID') ? 'refused' : answer.includes('connected') ? 'open' : 'other'] += 1;
      });

      const open = countWhole(values.map(([one]) => one));
      expect(outcomes, `seed ${seed}`).toEqual({ open, refused: values.length - open, other: 0 });
    }
    await server.expectUnharmed();
  });
});

/** A ticket counts for 30 s: so many at a time are presented within that. */
const PORTIONS = 10;
const UPGRADE =
  'Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';
/** What comes first on either wire. */
const DECISIVE = /TICKET_INVALID|connected/;

interface Presented {
  readonly ticket: string;
  /** It was issued, and may have been used. */
  readonly isWhole: boolean;
}

/** One in ten is as it was issued. */
function presented(tickets: readonly string[]): fc.Arbitrary<Presented> {
  const whole = fc.constantFrom(...tickets);
  const known = new Set(tickets);
  return fc
    .oneof({ weight: 1, arbitrary: whole }, { weight: 9, arbitrary: mutatedText(whole) })
    .map((ticket) => ({ ticket, isWhole: known.has(ticket) }));
}

function encoded(ticket: string): string {
  return encodeURIComponent(Buffer.from(ticket).toString());
}

function countWhole(values: readonly Presented[]): number {
  return new Set(values.filter(({ isWhole }) => isWhole).map(({ ticket }) => ticket)).size;
}
