/** docs/reference/embedding.md says what is: its example is a file that compiles and runs, its defaults are the real ones. */

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { afterAll, describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS } from '../../src/core/index.ts';
import { RawClient } from '../transports/live-fixture.ts';

const page = readFile(new URL('../../../../docs/reference/embedding.md', import.meta.url), 'utf8');

describe('the page on embedding', () => {
  it('shows the express example as it is', async () => {
    const example = await readFile(new URL('./express-example.ts', import.meta.url), 'utf8');

    expect(/```ts express\n([\s\S]*?)```/.exec(await page)?.[1]).toBe(example);
  });

  it('shows an example that works', async () => {
    process.env['PORT'] = '0';
    const { live, server } = await import('./express-example.ts');
    afterAll(async () => {
      await live.close();
      server.close();
      server.closeAllConnections();
    });
    if (!server.listening) await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    using client = RawClient.get(port, '/live/sse?channel=chat:lobby');
    await client.until('subscribed');
    const post = (body: object) =>
      fetch(`http://127.0.0.1:${port}/chat/lobby`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify(body),
      });

    const taken = await post({ from: 'An', text: 'hello' });
    const refused = await post({ from: 'An' });
    await client.until('said');

    expect(await taken.json()).toMatchObject({ duplicate: false, ack: 'accepted' });
    expect(refused.status).toBe(422);
    expect(await refused.json()).toMatchObject({ error: { code: 'PAYLOAD_INVALID' } });
    expect(client.frames('said')[0]?.data).toEqual({ from: 'An', text: 'hello' });
  });

  it('names every limit that matters with its default', async () => {
    const text = await page;
    const minutes = (ms: number) => `${ms / 60_000} min`;
    const { maxConnections, stallMs, deadMs, maxQueuedSignals, minAgeMs, maxAgeMs, minRetryMs, maxRetryMs } =
      DEFAULT_LIMITS;

    for (const row of [
      `${maxConnections} |`,
      `${stallMs}, ${deadMs} |`,
      `${maxQueuedSignals} |`,
      `${minutes(minAgeMs)}, ${minutes(maxAgeMs)} |`,
      `${minRetryMs}, ${maxRetryMs} |`,
      `${DEFAULT_LIMITS.recentEvents}, ${DEFAULT_LIMITS.recentBytes / 1024} KiB |`,
      `${DEFAULT_LIMITS.maxBufferedBytes / 1024 ** 2} MiB |`,
    ]) {
      expect(text).toContain(row);
    }
  });
});
