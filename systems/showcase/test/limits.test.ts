/** Guessing is bounded, counted in the metrics of the server, and on record. */

import type { ServerProcess } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { post, startShowcase } from './start.ts';

const KEY = 'key-of-the-tests';
const WAIT = { timeout: 20_000, interval: 100 };
let server: ServerProcess;
beforeAll(async () => {
  server = await startShowcase({ FANFARE_API_KEY: KEY, FANFARE_TRUST_PROXY: '127.0.0.1' });
});
afterAll(() => server[Symbol.asyncDispose]());

async function hits(limit: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^fanfare_limit_hits_total\\{limit="${limit}"\\} (\\d+)$`, 'm').exec(text)?.[1] ?? 0);
}

describe('whoever guesses', () => {
  it('passwords waits after twenty, is counted, and is on record', async () => {
    const from = { 'X-Forwarded-For': '203.0.113.7' };
    const guesses = Array.from({ length: 40 }, (_, n) => ({ username: 'admin', password: `guess-${n}` }));
    const answers = await Promise.all(guesses.map((guess) => post(server, '/api/login', guess, from)));

    const refused = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 401).length).toBe(answers.length - refused.length);
    expect(refused.length).toBeGreaterThanOrEqual(15);
    for (const { headers } of refused) expect(Number(headers.get('retry-after'))).toBeGreaterThanOrEqual(1);
    expect(await hits('loginAttempts')).toBe(refused.length);
    const audit = await post(server, '/live/api/audit', { trail: 'denials' }, { 'X-API-Key': KEY });
    const { entries } = await audit.json();
    expect(entries).toContainEqual(
      expect.objectContaining({ action: '/api/login', details: { code: 'LOGIN_INVALID', address: '203.0.113.7' } }),
    );
    expect(JSON.stringify(entries)).not.toContain('guess-');
  });

  it('a password once is one line of the record, without what was typed', async () => {
    const from = { 'X-Forwarded-For': '203.0.113.9' };
    const logIn = () => post(server, '/api/login', { username: 'a-name', password: 'a-guess' }, from);
    const onRecord = async (): Promise<readonly object[]> => {
      const answer = await post(server, '/live/api/audit', { trail: 'denials', limit: 1000 }, { 'X-API-Key': KEY });
      const { entries }: { entries: readonly object[] } = await answer.json();
      return entries.filter((entry) => JSON.stringify(entry).includes('203.0.113.9'));
    };

    // Of what comes with many others not all is written down, so until one is.
    await vi.waitUntil(async () => (await logIn()).status === 401 && (await onRecord()).length > 0, WAIT);
    const before = (await onRecord()).length;
    expect((await logIn()).status).toBe(401);
    // Whatever this one has written stands before what is refused after it.
    expect((await fetch(`${server.url}/api/showcase/audit`, { headers: from })).status).toBe(401);
    await vi.waitUntil(async () => JSON.stringify(await onRecord()).includes('/api/showcase/audit'), WAIT);

    const logins = (await onRecord()).filter((entry) => JSON.stringify(entry).includes('LOGIN_INVALID'));
    expect(logins).toHaveLength(before + 1);
    expect(JSON.stringify(logins)).not.toMatch(/a-name|a-guess/);
  });

  it('PINs waits after twenty, on every way to a court, and is counted', async () => {
    const headers = { 'X-Forwarded-For': '203.0.113.8' };
    for (let n = 0; n < 20; n += 1) {
      expect((await fetch(`${server.url}/api/court/${9000 + n}/status`, { headers })).status).toBe(404);
    }

    expect((await fetch(`${server.url}/api/court/9100/status`, { headers })).status).toBe(429);
    expect((await fetch(`${server.url}/live/poll?channel=court:9101`, { headers })).status).toBe(429);
    expect(await (await fetch(`${server.url}/live/sse?channel=court:9102`, { headers })).text()).toContain(
      '"code":3007',
    );
    expect(await hits('wrongPins')).toBe(3);
  });
});
