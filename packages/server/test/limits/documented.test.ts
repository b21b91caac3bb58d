/** docs/reference/limits.md says what is: every limit, its default, and a counter for each that somebody can meet. */
import { readFile } from 'node:fs/promises';
import { describe, expect, it, vi } from 'vitest';
import { ALL_DEFAULTS, COUNTED_LIMITS } from '../../src/http/limits.ts';
import { log } from '../../src/index.ts';
import { RawClient, startLive } from '../transports/live-fixture.ts';

const page = readFile(new URL('../../../../docs/reference/limits.md', import.meta.url), 'utf8');

/** Rows of the tables: `name` -> default. */
async function rows(heading: string): Promise<Readonly<Record<string, string>>> {
  const section = (await page).split(/^## /m).find((part) => part.startsWith(heading)) ?? '';
  return Object.fromEntries([...section.matchAll(/^\| `(\w+)` \| (.+?) \|/gm)].map(([, name, value]) => [name, value]));
}

describe('docs/reference/limits.md', () => {
  it('has every limit with its default, the counted ones first, and no other', async () => {
    const counted = await rows('Refusals');
    const others = await rows('How the hub treats');

    const { maxSubscribers } = log();
    const documented = Object.entries({ ...counted, ...others }).map(([name, value]) => [name, Number(value)]);
    expect(Object.fromEntries(documented)).toEqual({ ...ALL_DEFAULTS, maxSubscribers });
    expect(Object.keys(counted)).toEqual([...COUNTED_LIMITS]);
  });

  it('has none of the counted ones off by default', () => {
    for (const name of COUNTED_LIMITS) {
      expect(name === 'maxSubscribers' ? log().maxSubscribers : ALL_DEFAULTS[name], name).toBeGreaterThan(0);
    }
  });

  it('names counters that there are, from the first scrape on', async () => {
    await using server = await startLive();
    server.live.limitReached('wrongPins', { address: '203.0.113.5' });
    const answer = await fetch(`${server.url}/metrics`);
    const text = await answer.text();

    expect(answer.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    for (const name of COUNTED_LIMITS) expect(text).toContain(`fanfare_limit_hits_total{limit="${name}"} 0`);
    expect(text).toContain('fanfare_limit_hits_total{limit="wrongPins"} 1');
    for (const [name] of (await page).matchAll(/\bfanfare_(?!limit_hits)\w+/g))
      expect(text).toContain(`# TYPE ${name} `);
    expect(text).toContain('process_cpu_seconds_total');
    expect(text).not.toContain('203.0.113.5');
  });

  it('says who may read the metrics', async () => {
    await using server = await startLive({ apiKey: 'key-of-the-tests' });
    await using open = await startLive({ openMetrics: true });
    const read = async (url: string, headers: Record<string, string>) =>
      (await fetch(`${url}/metrics`, { headers })).status;
    const proxied = { 'X-Forwarded-For': '203.0.113.5' };

    expect(await read(server.url, {})).toBe(200);
    expect(await read(server.url, proxied)).toBe(401);
    expect(await read(server.url, { Via: '1.1 proxy' })).toBe(401);
    expect(await read(server.url, { 'Sec-Fetch-Site': 'cross-site' })).toBe(401);
    using rebound = new RawClient(server.port);
    rebound.send('GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n');
    await vi.waitUntil(() => rebound.head !== '', { timeout: 10_000 });
    expect(rebound.status).toBe(421);
    expect(await read(server.url, { ...proxied, Authorization: 'Bearer wrong' })).toBe(401);
    expect(await read(server.url, { ...proxied, Authorization: 'Bearer key-of-the-tests' })).toBe(200);
    expect(await read(open.url, proxied)).toBe(200);
  });
});

describe('a limit', () => {
  it.each([
    [{ maxConections: 1 }, 'maxConections'],
    [{ maxJsonDepth: 61 }, 'a number from 1 to 60'],
    [{ maxChannelsPerConnection: 129 }, 'a number from 0 to 128'],
    [{ commandsPerSecond: 0 }, 'a number from 1'],
    [{ maxMessageBytes: '1000' }, 'a number from 256 to 1048576'],
  ])('that makes no sense is refused when the server is made: %j', async (limits, message) => {
    await expect(startLive({ limits: limits as object })).rejects.toThrow(message);
  });
});
