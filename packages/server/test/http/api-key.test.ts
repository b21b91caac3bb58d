/** The key of the backend API: what cannot be one, and that nobody comes in without it. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { describe, expect, it } from 'vitest';
import { ApiKeyCheck } from '../../src/http/index.ts';
import { createFanfare, memory } from '../../src/index.ts';

/** What a hub with this key answers to `POST /live/api/stats` with these headers. */
async function ask(apiKey: string | undefined, headers: Record<string, string>) {
  const live = createFanfare({ engine: memory(), channels: {}, ...(apiKey === undefined ? {} : { apiKey }) });
  const server = createServer(live.handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const answer = await fetch(`http://127.0.0.1:${port}/live/api/stats`, { method: 'POST', headers });
    const body: { readonly error?: { readonly code: string; readonly message: string } } = await answer.json();
    return { status: answer.status, challenge: answer.headers.get('www-authenticate'), error: body.error };
  } finally {
    await live.close();
    server.close();
    server.closeAllConnections();
  }
}

describe('an API key', () => {
  it.each(['', ' ', '\t\n', 'two words', 'key\n', 'khóa', 'k'.repeat(257), 7, null])(
    'cannot be %j: an empty one opened the backend API to everybody',
    (key) => {
      const apiKey = key as string;

      for (const make of [
        () => createFanfare({ engine: memory(), channels: {}, apiKey }),
        () => new ApiKeyCheck(apiKey),
      ])
        expect(make).toThrow(TypeError);
    },
  );

  it('is never part of the message that refuses it', () => {
    expect(() => new ApiKeyCheck('s3cret key')).toThrow(/^apiKey: expected 1 to 256 visible ASCII(?!.*s3cret)/);
  });

  it.each(['k', 'bench', 'k'.repeat(256), '!~'])('may be %j', async (key) => {
    expect((await ask(key, { 'X-API-Key': key })).status).toBe(200);
    expect((await ask(key, { Authorization: `Bearer ${key}` })).status).toBe(200);
  });

  it.each<Record<string, string>>([{}, { 'X-API-Key': '' }, { Authorization: 'Bearer ' }, { 'X-API-Key': 'kk' }])(
    'is not %j',
    async (headers) => {
      expect(await ask('k', headers)).toEqual({
        status: 401,
        challenge: 'Bearer',
        error: { code: 'API_KEY_INVALID', message: expect.stringContaining('the header X-API-Key') },
      });
    },
  );

  it('that was never configured is not called wrong: no key could be right', async () => {
    const answer = await ask(undefined, { 'X-API-Key': 'any' });
    const vietnamese = await ask(undefined, { 'X-API-Key': '', 'Accept-Language': 'vi' });

    expect(answer).toMatchObject({ status: 401, challenge: 'Bearer', error: { code: 'API_KEY_INVALID' } });
    expect(answer.error?.message).toMatch(/has no API key/);
    expect(vietnamese.error?.message).toMatch(/chưa có khóa/);
  });
});
