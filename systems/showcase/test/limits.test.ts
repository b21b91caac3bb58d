/** Guessing is bounded, counted in the metrics of the server, and on record. */

import type { ServerProcess } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { post, startShowcase } from './start.ts';

const KEY = 'key-of-the-tests';
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
      expect.objectContaining({ action: 'login', details: { code: 'LOGIN_INVALID', address: '203.0.113.7' } }),
    );
    expect(JSON.stringify(entries)).not.toContain('guess-');
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
