/**
 * P11 on sessions, as `npm start` runs them: ten thousand broken logins, and ten thousand broken credentials of each call that reads one. Limits stay.
 * Logins are guessed from one address: what is no login is always read, and what is one soon waits, without a hash.
 */
import {
  type Answered,
  CASES,
  cases,
  type HttpCase,
  httpCases,
  judgeAnswers,
  lateness,
  mutatedText,
  type ServerProcess,
  sendCases,
} from '@fanfare/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { post, startShowcase } from './start.ts';

let server: ServerProcess;
/** Never presented as it is. */
let kept: string;
/** Presented as they are, too. */
let used: readonly string[];

beforeAll(async () => {
  server = await startShowcase({ FANFARE_TRUST_PROXY: '127.0.0.1' }, { watchesLoop: true });
  kept = await logInFrom(0);
  used = await Promise.all([1, 2, 3].map(logInFrom));
  await server.loop();
});
afterAll(() => server[Symbol.asyncDispose]());

async function logInFrom(n: number): Promise<string> {
  const login = { username: 'spectator', password: 'demo' };
  const answer = await post(server, '/api/login', login, { 'X-Forwarded-For': `203.0.113.${n}` });
  expect(answer.status).toBe(200);
  return (await answer.json()).token;
}

/** What the server says of it: undefined, it does not count. */
async function userOf(token: string): Promise<unknown> {
  const answer = await fetch(`${server.url}/api/me`, { headers: { Authorization: `Bearer ${token}` } });
  return answer.status === 200 ? (await answer.json()).user.username : undefined;
}

async function loginsRefused(): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/^fanfare_limit_hits_total\{limit="loginAttempts"\} (\d+)$/m.exec(text)?.[1] ?? 0);
}

describe('P11 random mutations', { timeout: 300_000 }, () => {
  it('of a login are refused with a code, and those that are guesses wait', async () => {
    const guess = { username: 'admin', password: 'guess' };
    const login = { method: 'POST', path: '/api/login', headers: GUESSER, bodies: [guess], isStrict: false };
    const { seed, values } = cases(httpCases(login));
    const refusedBefore = await loginsRefused();
    const start = performance.now();

    const answered = await sendCases(values, { port: server.port });
    const flood = await sendCases(guesses(1000), { port: server.port });

    const { problems, counts } = judgeAnswers([...answered, ...flood]);
    expect(problems, `seed ${seed}`).toEqual([]);
    expect(countMalformed(answered), `seed ${seed}`).toBeGreaterThan(CASES / 2);
    // What one address may try at once, and what it gets back per second: each cost a hash, and no other did.
    const seconds = (performance.now() - start) / 1000;
    expect(counts[401], `seed ${seed}`).toBeLessThanOrEqual(60 + seconds);
    expect(await loginsRefused()).toBeGreaterThanOrEqual(refusedBefore + (counts[429] ?? 0));
    expect(judgeAnswers(flood).counts[429]).toBeGreaterThanOrEqual(1000 - seconds);
    expect(await userOf(await logInFrom(99))).toBe('spectator');
    await expectUnharmed();
  });

  it('of a credential say nothing of anybody, and none that is whole is refused', async () => {
    const { seed, values } = cases(presenting('GET', '/api/me'));

    const answered = await sendCases(values, { port: server.port });

    expect(judgeAnswers(answered).problems, `seed ${seed}`).toEqual([]);
    expectOnlyWhole(answered, /"user":\{/, seed);
    await expectUnharmed();
  });

  it('of a credential get no ticket, and those that are whole get one of their own', async () => {
    const { seed, values } = cases(presenting('POST', '/api/stream-tickets'));

    const answered = await sendCases(values, { port: server.port });

    // One user gets 128 at once: who asks for more is told to wait.
    expect(judgeAnswers(answered).problems, `seed ${seed}`).toEqual([]);
    expectOnlyWhole(answered, /"ticket":"|"RATE_LIMITED"/, seed);
    const tickets = answered
      .flatMap(({ answers }) => answers)
      .flatMap(({ body }) => /"ticket":"[^"]+/.exec(body) ?? []);
    expect(tickets.length, `seed ${seed}`).toBeGreaterThanOrEqual(128);
    expect(new Set(tickets).size, `seed ${seed}`).toBe(tickets.length);
    await expectUnharmed();
  });

  it('of a credential log nobody out, and those that are whole do', async () => {
    const { seed, values } = cases(presenting('POST', '/api/logout'));

    const { problems } = judgeAnswers(await sendCases(values, { port: server.port }));

    expect(problems, `seed ${seed}`).toEqual([]);
    expect(await Promise.all(used.map(userOf)), `seed ${seed}`).toEqual(used.map(() => undefined));
    await expectUnharmed();
  });
});

async function expectUnharmed(): Promise<void> {
  expect(lateness(await server.loop())).toBeUndefined();
  expect(await userOf(kept)).toBe('spectator');
  expect(server.output).not.toMatch(/"level":(50|60)|unhandled|uncaught/i);
}

const GUESSER = { 'X-Forwarded-For': '198.51.100.1' };

/** Of one password, whole. */
function guesses(count: number): readonly HttpCase[] {
  const body = '{"username":"admin","password":"guess"}';
  const head = `POST /api/login HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.1\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
  const bytes = Buffer.from(head + body);
  return Array.from({ length: count }, () => ({ bytes, isAlone: false, isWrong: true, what: 'guess' }));
}

function countMalformed(answered: readonly Answered[]): number {
  const statuses = answered.flatMap(({ answers }) => answers.map(({ status }) => status));
  return statuses.filter((status) => [400, 413, 415].includes(status)).length;
}

const WHOLE = 'whole credential';
const BROKEN = 'broken credential';

/** In an Authorization header or a cookie: nine in ten are broken. A fourth of the requests are broken otherwise, and have none that counts. */
function presenting(method: string, path: string): fc.Arbitrary<HttpCase> {
  const broken = fc
    .tuple(mutatedText(fc.constantFrom(kept, ...used)), fc.boolean())
    .map(([text, isCookie]) => headersOf(text.replace(/[\r\n\0]/g, ''), isCookie))
    .filter(({ text }) => ![kept, ...used].some((token) => saysTheSame(text, token)));
  const whole = fc.tuple(fc.constantFrom(...used), fc.boolean()).map(([text, isCookie]) => headersOf(text, isCookie));
  const asCase = (what: string) => {
    return ({ lines }: Presented): HttpCase => {
      const bytes = Buffer.from(`${method} ${path} HTTP/1.1\r\nHost: x\r\n${lines}Content-Length: 0\r\n\r\n`);
      return { bytes, isAlone: false, isWrong: false, what };
    };
  };
  return fc.oneof(
    { weight: 27, arbitrary: broken.map(asCase(BROKEN)) },
    { weight: 3, arbitrary: whole.map(asCase(WHOLE)) },
    { weight: 10, arbitrary: httpCases({ method, path, headers: { Authorization: `Bearer ${kept}x` } }) },
  );
}

interface Presented {
  readonly text: string;
  readonly lines: string;
}

function headersOf(text: string, isCookie: boolean): Presented {
  const lines = isCookie
    ? `Origin: http://x\r\nCookie: theme=dark; fanfare_session=${text}\r\n`
    : `Authorization: Bearer ${text}\r\n`;
  return { text, lines };
}

/** Base64 has several ways to write the same bytes, and whatever comes behind a semicolon is another cookie. */
function saysTheSame(text: string, token: string): boolean {
  const bytesOf = (whole: string): string[] =>
    whole.split('.').map((part) => Buffer.from(part, 'base64url').toString('latin1'));
  return [text, text.split(';', 1)[0] ?? ''].some((one) => bytesOf(one).join('.') === bytesOf(token).join('.'));
}

function expectOnlyWhole(answered: readonly Answered[], taken: RegExp, seed: number): void {
  const isTaken = ({ answers }: Answered): boolean => answers.some(({ body }) => taken.test(body));
  const whole = answered.filter(({ sent }) => sent.what === WHOLE);
  const others = answered.filter(
    ({ sent }) => sent.what !== WHOLE && !used.some((token) => isCarried(token, sent.bytes)),
  );
  const show = ({ sent }: Answered): string => sent.bytes.toString('latin1');
  expect(whole.length, `seed ${seed}`).toBeGreaterThan(CASES / 20);
  expect(whole.filter((one) => !isTaken(one)).map(show), `seed ${seed}`).toEqual([]);
  expect(others.filter(isTaken).map(show), `seed ${seed}`).toEqual([]);
}

/** The last character of a signature has two bits that mean nothing: changed in them alone, it is the same token. */
function isCarried(token: string, bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes).toString('latin1');
  const at = text.indexOf(token.slice(0, -1));
  const found = at === -1 ? '' : (/^[\w.-]+/.exec(text.slice(at))?.[0] ?? '');
  const [ours, theirs] = [token, found].map((one) => Buffer.from(one.split('.')[2] ?? '', 'base64url'));
  return found.length === token.length && ours !== undefined && theirs !== undefined && ours.equals(theirs);
}
