/** Every secret that is used in a run of the whole server stays out of its logs, errors, metrics and records, at the noisiest log level. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RawWebSocket, type ServerProcess } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startShowcase } from './start.ts';

const API_KEY = 'secret-api-key-1f6c';
const WRONG_KEY = 'secret-wrong-key-77aa';
const PASSWORD = 'secret-password-3d2e';
const TOKEN = 'secret-token-9b8c';
const URL_TOKEN = 'secret-url-token-55ee';
const COOKIE = 'secret-cookie-aa11';
const PAYLOAD = 'secret-payload-c0de';
const CURSOR = 'secret-cursor-dead';
/** Nobody has it; who mistypes is a digit away from one that somebody has. */
const WRONG_PIN = '90817263';

let server: ServerProcess;
let folder: string;
/** Everything that came back from the server. */
const answers: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fanfare-secrets-'));
  await writeFile(join(folder, 'key'), `${API_KEY}\n`);
  server = await startShowcase({
    FANFARE_API_KEY_FILE: join(folder, 'key'),
    FANFARE_LOG_LEVEL: 'trace',
    FANFARE_LOG_REQUESTS: 'true',
  });
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** What was logged; before it stands the welcome, which tells the PINs of the demo to whoever starts it. */
const lines = (): string =>
  server.output
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .join('\n');

async function ask(path: string, init: RequestInit = {}): Promise<{ readonly text: string; readonly res: Response }> {
  const res = await fetch(server.url + path, init);
  const text = await res.text();
  answers.push(text, JSON.stringify([...res.headers].filter(([name]) => name !== 'set-cookie')));
  return { text, res };
}

function post(path: string, body: unknown, headers: Record<string, string> = {}) {
  return ask(path, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

describe('a run with every kind of secret', () => {
  it('writes none of them down', { timeout: 60_000 }, async () => {
    const publish = { channel: 'public:a', event: 'e', data: { text: PAYLOAD } };
    const good = await post('/live/api/publish', publish, { 'X-API-Key': API_KEY });
    expect(good.res.status).toBe(200);
    await post('/live/api/publish', publish, { Authorization: `Bearer ${WRONG_KEY}` });
    await post('/live/api/publish', { ...publish, apiKey: WRONG_KEY }, { 'X-API-Key': API_KEY });
    await post('/api/login', { username: 'admin', password: PASSWORD });
    await post('/api/login', { username: PASSWORD, password: PASSWORD });
    await post('/api/login', { username: 'admin', passwort: PASSWORD });
    const bearer = { Authorization: `Bearer ${TOKEN}` };
    for (const wire of ['sse', 'poll']) {
      await ask(`/live/${wire}?channel=court:0000&token=${URL_TOKEN}&cursor=${CURSOR}`, { headers: bearer });
      await ask(`/live/${wire}?channel=secret:x&ticket=${URL_TOKEN}`, {
        headers: { Cookie: `fanfare_session=${COOKIE}` },
      });
      await ask(`/live/${wire}?channel=nothing`, { headers: { ...bearer, Origin: 'https://evil.example' } });
    }
    await ask(`/api/me?session=${URL_TOKEN}`, { headers: { Cookie: `fanfare_session=${COOKIE}` } });
    await ask(`/api/devices/me`, { headers: { 'X-Device-Token': TOKEN, Cookie: `fanfare_device=${COOKIE}` } });
    await ask(`/nowhere?${URL_TOKEN}`);
    for (const pin of ['1234', WRONG_PIN]) {
      expect((await ask(`/api/court/${pin}`)).res.status).toBe(pin === WRONG_PIN ? 404 : 200);
      await ask(`/court/${pin}/display`);
      await ask(`/live/poll?channel=court:${pin}`);
    }
    const protocols = `fanfare.v1, bearer.${Buffer.from(TOKEN).toString('base64url')}`;
    using socket = new RawWebSocket({ port: server.port, headers: { 'Sec-WebSocket-Protocol': protocols } });
    await socket.answered();
    using other = new RawWebSocket({ port: server.port, path: `/live/ws?access_token=${URL_TOKEN}` });
    other.send({ type: 'auth', id: 1, token: TOKEN });
    other.send(`{"type":"auth","id":2,"token":"${TOKEN} "}`);
    other.send(`{"type":"auth","id":3,"tokens":"${TOKEN}"`);
    await other.until((frame) => frame.type === 'error');
    answers.push(JSON.stringify([...socket.frames, ...other.frames]));
    const audits: string[] = [];
    for (const trail of ['acts', 'denials']) {
      const audit = await post('/live/api/audit', { trail }, { 'X-API-Key': API_KEY });
      expect(audit.res.status).toBe(200);
      audits.push(audit.text);
    }
    await ask('/metrics');
    await expect.poll(() => server.output).toContain('"msg":"request"');

    const hidden = [API_KEY, WRONG_KEY, PASSWORD, TOKEN, URL_TOKEN, COOKIE, Buffer.from(TOKEN).toString('base64url')];
    const found = (text: string): string[] => hidden.filter((secret) => text.includes(secret));
    expect(found(server.output)).toEqual([]);
    expect(server.output).not.toContain(PAYLOAD);
    expect(server.output).not.toContain(CURSOR);
    expect(found(answers.join('\n'))).toEqual([]);
    // The check can fail: what is harmless is there.
    expect(server.output).toContain('channel=secret:x');
    expect(lines()).toContain('channel=court:[redacted]');
    expect(lines()).toContain('"channel":"court:[redacted]"');
    expect(lines()).toContain('"url":"/api/court/[redacted]"');
    expect(lines()).not.toMatch(/court[:/](?!\[redacted\])/);
    expect(server.output).not.toContain(WRONG_PIN);
    expect(audits.join('\n')).not.toContain(WRONG_PIN);
  });

  it('does not show a key in what it says at start', () => {
    expect(server.output).toMatch(/API key\s+as set by FANFARE_API_KEY/);
  });
});
