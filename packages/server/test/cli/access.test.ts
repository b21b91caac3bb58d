/** `fanfare token` and `fanfare explain`, and a server that is configured by an access file, as people start them. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RawWebSocket, startServerProcess } from '@fanfare/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { answerOf, post, WAIT } from '../auth/wires.ts';
import { RawClient } from '../transports/live-fixture.ts';
import { Commands } from './commands.ts';

const SCRIPT = fileURLToPath(new URL('../../bin/fanfare.js', import.meta.url));
const SECRET = 'the secret of the access file, of 32 bytes or more';

const ACCESS = `
channels:
  'inbox:{user}': { kind: log, keep: { days: 90 } }
  'court:{pin}': { kind: state, access: public, minIntervalMs: 50 }
  'typing:{room}': { kind: signal }
issuers:
  - issuer: me
    audience: live
    algorithms: [HS256]
    secretEnv: TOKEN_SECRET
cookie: session
grants:
  users: { subscribe: ['inbox:{sub}'] }
  roles: { umpire: { publish: ['court:*'] } }
apiKeys: []
`;

let folder: string;
let commands: Commands;
beforeAll(() => {
  commands = new Commands();
});
afterAll(() => commands[Symbol.asyncDispose]());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fanfare-access-'));
  writeFileSync(join(folder, 'access.yaml'), ACCESS);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ENV = { FANFARE_ACCESS: 'access.yaml', TOKEN_SECRET: SECRET };

async function fanfare(args: readonly string[], env: Record<string, string> = ENV) {
  const { code, out, err } = await commands.run({ folder, args, env });
  return { code, out: out.trim(), err: err.trim() };
}

describe('fanfare token', () => {
  it('makes a token that the server takes, and says what is in one', async () => {
    const made = await fanfare([
      'token',
      '--sub',
      '7',
      '--role',
      'umpire',
      '--grant',
      'publish=typing:*,inbox:{sub}',
      '--expires',
      '30m',
      '--claim',
      'level=3',
      '--name',
      'An',
      '--id',
      't-1',
    ]);
    const told = await fanfare(['token', '--explain', made.out]);

    expect(made).toEqual({ code: 0, out: expect.stringMatching(/^[\w-]+\.[\w-]+\.[\w-]+$/), err: '' });
    expect(told.code).toBe(0);
    const [header, claims, verdict] = told.out.split('\n').map((line) => line.slice(9));
    expect(JSON.parse(header ?? '')).toEqual({ alg: 'HS256', typ: 'JWT' });
    expect(JSON.parse(claims ?? '')).toMatchObject({
      ...{ iss: 'me', aud: 'live', sub: '7', jti: 't-1', name: 'An', level: 3, roles: ['umpire'] },
      fanfare: { publish: ['typing:*', 'inbox:{sub}'] },
    });
    expect(verdict).toBe('valid: subject "7", roles umpire, for another 30 min');
  });

  it('signs with a private key where the issuer has a public one', async () => {
    const pair = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
    writeFileSync(join(folder, 'private.pem'), pair.privateKey.export({ type: 'pkcs8', format: 'pem' }));
    writeFileSync(join(folder, 'public.pem'), pair.publicKey.export({ type: 'spki', format: 'pem' }));
    writeFileSync(
      join(folder, 'access.yaml'),
      'issuers: [{ issuer: me, audience: live, algorithms: [ES256], keyFiles: [public.pem] }]',
    );

    const without = await fanfare(['token', '--sub', '7']);
    const made = await fanfare(['token', '--sub', '7', '--key', 'private.pem']);

    expect(without).toMatchObject({
      code: 1,
      err: 'fanfare: --key: expected the file with the private key of me: the server has only the public one',
    });
    expect((await fanfare(['token', '--explain', made.out])).out).toContain('valid: subject "7"');
  });

  it('makes a key, shown once, and its entry, which does not hold it', async () => {
    const made = await fanfare(['token', '--api-key', '--id', 'billing', '--grant', 'publish=inbox:*']);
    const [entry] = /\{.*\}/.exec(made.err) ?? [''];

    expect(made.out).toMatch(/^ff_[\w-]{43}$/);
    expect(JSON.parse(entry)).toEqual({
      id: 'billing',
      hash: expect.stringMatching(/^sha256:[\w-]{43}$/),
      grants: { publish: ['inbox:*'] },
    });
    expect(made.err).not.toContain(made.out);
  });

  it.each<[string[], Record<string, string>, string]>([
    [['token'], ENV, '--sub: expected the subject'],
    [['token', '--sub', '7', '--expires', 'soon'], ENV, '--expires: expected a time such as'],
    [['token', '--sub', '7', '--grant', 'read=x'], ENV, '--grant: expected ACTION=PATTERN'],
    [['token', '--sub', '7', '--grant', 'publish=a**'], ENV, '--grant: publish: expected segments joined'],
    [['token', '--sub', '7', '--issuer', 'you'], ENV, '--issuer: expected one of me'],
    [['token', '--sub', '7'], {}, 'There is no issuer'],
    [['token', '--sub', '7'], { FANFARE_ACCESS: 'access.yaml' }, 'the variable TOKEN_SECRET, which is not set'],
    [['token', '--sub', '7', '--access', 'nowhere.yaml'], {}, 'nowhere.yaml: ENOENT'],
    [['token', '--subject', '7'], ENV, "Unknown option '--subject'"],
    [['token', '--api-key'], ENV, '--id: expected a name'],
    [['explain'], ENV, '--channel: expected'],
    [['explain', '--channel', 'a', '--action', 'read'], ENV, '--action: expected one of subscribe'],
    [['explain', '--channel', 'a', '--server', 'http://127.0.0.1:1'], ENV, 'does not answer'],
  ])('says in one line what is wrong: %j', async (args, env, message) => {
    const { code, err, out } = await fanfare(args, env);

    expect(code).toBe(1);
    expect(err).toContain(message);
    expect(out).toBe('');
    expect(err).not.toContain(SECRET);
  });
});

describe('an access file', () => {
  it.each<[string, string]>([
    ['channels: { a: { kind: topic } }', 'channels.a.kind'],
    ["channels: { 'a b': { kind: log } }", 'a b'],
    ['channels: { a: { kind: state, keep: forever } }', 'only a log keeps events'],
    ['issuers: [{ issuer: me, audience: live, algorithms: [none], secret: x }]', 'issuers.0.algorithms.0'],
    ['issuers: [{ issuer: me, audience: live, algorithms: [HS256], secret: short-secret }]', 'at least 32 bytes'],
    ["grants: { users: { subscribe: ['a**'] } }", 'users: subscribe: expected segments'],
    ['apiKeys: [{ id: a, hash: plain-secret, grants: {} }]', 'hash: expected "sha256:"'],
    ['ask: { url: ftp://x, secretEnv: TOKEN_SECRET }', 'an http or https URL'],
    ['rules: []', 'rules'],
    ['channels: { a: { kind: log, acces: public } }', 'channels.a: Unrecognized key: "acces"; did you mean "access"?'],
    ['channels: { a: { kind: log, keep: { dasy: 7 } } }', 'channels.a.keep'],
    ["grants: { roles: { umpire: { subscibe: ['a'] } } }", 'did you mean "subscribe"?'],
    ['isuers: []', 'did you mean "issuers"?'],
    ['channels: [', 'access.yaml: '],
  ])('that is wrong stops the server before it starts: %s', async (text, message) => {
    writeFileSync(join(folder, 'access.yaml'), text);
    const { code, err } = await fanfare(['serve', '--check-config'], ENV);

    expect(code).toBe(1);
    expect(err).toMatch(/^fanfare: (error: )?/);
    expect(err).toContain(message);
    expect(err).not.toMatch(/short-secret|plain-secret/);
  });
});

describe('an access file with many faults', () => {
  it('has all of them told at once, each in a line with its place', async () => {
    writeFileSync(
      join(folder, 'access.yaml'),
      `
channels:
  'a b': { kind: log }
  'dial:{id}': { kind: state, keep: forever }
issuers:
  - { issuer: me, audience: live, algorithms: [HS256], secretEnv: UNSET_SECRET }
  - { issuer: you, audience: live, algorithms: [HS256], secretFile: nowhere }
grants: { users: { subscribe: ['a**'] } }
apiKeys:
  - { id: billing, hash: plain-secret, grants: {} }
  - { id: shop, hash: plain-secret, grants: {}, expires: soon }
ask: { url: ftp://x, secretEnv: TOKEN_SECRET }
`,
    );
    const { code, err } = await fanfare(['serve', '--check-config'], ENV);

    expect(code).toBe(1);
    const lines = err.split('\n');
    const places = [
      'a b',
      'dial:{id}',
      'issuer me',
      'issuer you: secretFile',
      'users',
      'billing',
      'shop',
      'http or https',
    ];
    expect(
      places.filter((place) => !lines.some((line) => line.includes('access.yaml: ') && line.includes(place))),
    ).toEqual([]);
    expect(lines).toHaveLength(places.length);
    expect(err).not.toContain('plain-secret');
  });
});

describe('fanfare explain', () => {
  it('says rule by rule why, by the file', async () => {
    const { out: token } = await fanfare(['token', '--sub', '7']);
    const own = await fanfare(['explain', '--token', token, '--channel', 'inbox:7']);
    const other = await fanfare(['explain', '--token', token, '--channel', 'court:1', '--action', 'publish']);

    expect(own.code).toBe(0);
    expect(own.out.split('\n')[0]).toBe('subscribe on inbox:7 is allowed');
    expect(own.out).toContain('users grants subscribe on "inbox:{sub}", which inbox:7 matches');
    expect(other.code).toBe(1);
    expect(other.out.split('\n')[0]).toBe('publish on court:1 is denied with 403 FORBIDDEN');
    expect(other.out).toMatch(/access of "court:\{pin\}" +silent +it says nothing about publish/);
  });
});

describe('without an access file', () => {
  it('the public channels are for reading, and nobody is asked to sign in', async () => {
    const read = await fanfare(['explain', '--channel', 'public:hello'], {});
    const written = await fanfare(['explain', '--channel', 'public:hello', '--action', 'publish'], {});

    expect(read.out.split('\n')[0]).toBe('subscribe on public:hello is allowed');
    expect(written.out.split('\n')[0]).toBe('publish on public:hello is denied with 403 FORBIDDEN');
  });
});

function bearer(text: string): Record<string, string> {
  return { Authorization: `Bearer ${text}` };
}

/** A credential in every place that a client may think of; returns how requests with it were answered. */
async function present(
  { url, port }: { readonly url: string; readonly port: number },
  { text, key }: { readonly text: string; readonly key: string },
): Promise<number[]> {
  const statuses: number[] = [];
  for (const path of [
    '/live/poll?channel=inbox:7',
    `/live/poll?channel=inbox:7&token=${text}`,
    `/live/poll?channel=inbox:7&access_token=${text}&ticket=${text}`,
    `/live/${text}`,
    `/live/uplink/${text}`,
  ]) {
    const headers = { ...bearer(text), Cookie: `session=${text}`, 'X-API-Key': text };
    statuses.push((await fetch(url + path, { headers })).status);
  }
  using socket = new RawWebSocket({
    port,
    headers: { 'Sec-WebSocket-Protocol': `fanfare.v1, bearer.${Buffer.from(text).toString('base64url')}` },
  });
  socket.send({ type: 'auth', id: 1, token: text });
  socket.send({ type: 'subscribe', id: 2, channel: 'inbox:7' });
  await vi.waitUntil(
    () => socket.frames.some((frame) => frame.type === 'subscribed' || frame.type === 'error') || socket.closed,
    WAIT,
  );
  await post(`${url}/live/uplink/unknown`, { type: 'auth', token: text }, bearer(text));
  const asked = { channel: 'inbox:7', action: 'subscribe', token: text };
  await post(`${url}/live/api/explain`, asked, { 'X-API-Key': key });
  await post(`${url}/live/api/publish`, text, bearer(text));
  return statuses;
}

describe('a server with an access file', () => {
  it('lets in, grants, explains and revokes by it; and no credential ends in its log, however it is presented', async () => {
    const { out: token } = await fanfare(['token', '--sub', '7', '--role', 'umpire']);
    const { out: broken } = await fanfare(['token', '--sub', '8'], {
      ...ENV,
      TOKEN_SECRET: `${SECRET} of somebody else`,
    });
    const key = 'the-key-of-the-server-0123456789';
    await using server = await startServerProcess({
      script: SCRIPT,
      args: ['serve', '--log-level', 'trace', '--log-requests', '--access', join(folder, 'access.yaml')],
      env: { TOKEN_SECRET: SECRET, FANFARE_API_KEY: key },
    });
    const { url, port } = server;
    const ticketOf = async () => Object((await answerOf(post(`${url}/live/tickets`, {}, bearer(token)))).body).ticket;
    const tickets = [await ticketOf(), await ticketOf()];

    // Right and wrong, in every place that a client may think of.
    const presented = [token, broken, `${token}x`];
    const statuses: number[] = [];
    for (const text of presented) statuses.push(...(await present(server, { text, key })));
    using stream = RawClient.get(port, `/live/sse?channel=inbox:7&ticket=${tickets[0]}`);
    await stream.until('subscribed');
    await fetch(`${url}/live/sse?channel=inbox:7&ticket=${tickets[0]}`);
    await fetch(`${url}/live/sse?channel=inbox:7&ticket=${tickets[1]}`, {
      headers: { Origin: 'https://evil.example' },
    });

    const at = ['--token', token, '--server', url, '--api-key', key];
    const explained = await fanfare(['explain', '--channel', 'court:1', '--action', 'publish', ...at]);
    const revoked = await answerOf(post(`${url}/live/api/revoke`, { subject: '7' }, { 'X-API-Key': key }));
    await stream.untilClosed();
    const after = await fanfare(['explain', '--channel', 'inbox:7', ...at]);

    expect(statuses[0]).toBe(200);
    expect(explained.out.split('\n')[0]).toBe('publish on court:1 is allowed');
    expect(revoked.status).toBe(200);
    expect(after.out.split('\n')[0]).toBe('subscribe on inbox:7 is denied with 401 CREDENTIAL_REVOKED');
    await server.stop();
    // It did log: the check would otherwise be none.
    expect(server.output).toContain('/live/poll');
    expect(server.output).toContain('ticket=[redacted]');
    const signatures = presented.map((text) => text.split('.')[2] ?? '');
    for (const secret of [...presented, ...signatures, ...tickets, key, SECRET]) {
      expect(server.output.split(secret).length - 1).toBe(0);
    }
  });
});
