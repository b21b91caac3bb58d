/** The client as scripts, as the hub serves them. */
import { readFileSync } from 'node:fs';
import { request } from 'node:http';
import { pathToFileURL } from 'node:url';
import { gunzipSync } from 'node:zlib';
import express from 'express';
// The built package: only the build puts the script there.
import { createFanfare, memory } from 'fanfare';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientScriptRoutes } from '../../src/http/client-script.ts';
import { type ListeningServer, listen } from './http-fixture.ts';

const ALLOWED = 'https://app.example.com';

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** As it came: fetch would decode it. */
  readonly body: Buffer;
}

describe.each(['fanfare.js', 'fanfare.mjs', 'fanfare-worker.js', 'fanfare-leader.mjs'])('GET /live/%s', (name) => {
  const script = built(name);
  const live = createFanfare({ engine: memory(), channels: {}, allowedOrigins: [ALLOWED] });
  let running: ListeningServer;

  beforeAll(async () => {
    running = await listen(live.handler);
  });
  afterAll(async () => {
    await running[Symbol.asyncDispose]();
    await live.close();
  });

  function ask(headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
    return askAt(`${running.url}/live/${name}`, headers, method);
  }

  it('is the script that the build made, as a script that nobody takes for anything else', async () => {
    const { status, headers, body } = await ask();

    expect(status).toBe(200);
    expect(body.equals(script)).toBe(true);
    expect(headers).toMatchObject({
      'content-type': 'text/javascript; charset=utf-8',
      'x-content-type-options': 'nosniff',
      'content-length': String(script.byteLength),
    });
  });

  it('is compressed for who takes that, at less than half of the size', async () => {
    const { headers, body } = await ask({ 'accept-encoding': 'deflate, gzip, br' });

    expect(headers['content-encoding']).toBe('gzip');
    expect(headers['vary']).toContain('Accept-Encoding');
    expect(gunzipSync(body).equals(script)).toBe(true);
    expect(body.byteLength).toBeLessThan(0.45 * script.byteLength);
  });

  it.each(['', 'br', 'gzip;q=0', 'x-gzip-ish'])('is not compressed for who takes %j', async (accepted) => {
    const { headers, body } = await ask({ 'accept-encoding': accepted });

    expect(headers['content-encoding']).toBeUndefined();
    expect(body.equals(script)).toBe(true);
  });

  it('is asked for every time, and not sent again to who has it', async () => {
    const first = await ask({ 'accept-encoding': 'gzip' });
    const etag = String(first.headers['etag']);

    const again = await ask({ 'if-none-match': etag });
    const stale = await ask({ 'if-none-match': '"other"' });

    expect(first.headers['cache-control']).toBe('no-cache');
    expect([again.status, again.body.byteLength, again.headers['etag']]).toEqual([304, 0, etag]);
    expect(stale.status).toBe(200);
  });

  it('answers HEAD with what GET would say of it', async () => {
    const { status, headers, body } = await ask({}, 'HEAD');

    expect([status, headers['content-length'], body.byteLength]).toEqual([200, String(script.byteLength), 0]);
  });

  it('may be loaded by pages of other origins, isolated ones included; read as data only by those that are listed', async () => {
    const plain = await ask();
    const listed = await ask({ origin: ALLOWED });
    const other = await ask({ origin: 'https://evil.example' });

    expect(plain.headers['cross-origin-resource-policy']).toBe('cross-origin');
    expect(listed.headers['access-control-allow-origin']).toBe(ALLOWED);
    // A cache must not give one page's answer to another.
    for (const { headers } of [plain, listed]) expect(headers['vary']).toContain('Origin');
    expect(other.status).toBe(403);
  });

  it('takes no other method', async () => {
    const { status, headers } = await ask({}, 'POST');

    expect([status, headers['allow']]).toEqual([405, 'GET, HEAD']);
  });
});

describe('GET /live/fanfare.js elsewhere', () => {
  it('is there in express, under the mount path of the hub', async () => {
    const live = createFanfare({ engine: memory(), channels: {} });
    const app = express().use('/realtime', live.handler);
    await using running = await listen((req, res) => void app(req, res));

    const { status, body } = await askAt(`${running.url}/realtime/live/fanfare.js`);

    expect(status).toBe(200);
    expect(body.equals(built('fanfare.js'))).toBe(true);
    await live.close();
  });

  it('is not found, in the words of the catalogue, in a tree that was not built', async () => {
    await using running = await listen(clientScriptRoutes(pathToFileURL('/nowhere/')));

    const { status, body } = await askAt(`${running.url}/live/fanfare.js`);

    expect(status).toBe(404);
    expect(JSON.parse(body.toString())).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });
});

function built(name: string): Buffer {
  return readFileSync(new URL(`../../dist/client/${name}`, import.meta.url));
}

function askAt(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent: false }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(chunks) }),
      );
      response.on('error', reject);
    });
    sent.on('error', reject);
    sent.end();
  });
}
