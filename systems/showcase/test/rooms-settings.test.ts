/** What the operator of `npm start` sets for the rooms is in force on a real socket; what makes no sense ends the start with words. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { ROOMS_SETTINGS, readRoomsConfig } from '@fanfare-systems/rooms';
import { describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { START, startShowcase } from './start.ts';

const DOCS = fileURLToPath(new URL('../../../docs/systems/rooms.md', import.meta.url));

/** What comes after each message, in its order. */
async function converse(port: number, messages: readonly unknown[]): Promise<readonly Record<string, unknown>[]> {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/ws`);
  const heard: Record<string, unknown>[] = [];
  socket.on('message', (data) => heard.push(JSON.parse(String(data))));
  await once(socket, 'message');
  for (const message of messages) socket.send(JSON.stringify(message));
  await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(messages.length + 1);
  socket.close();
  return heard.slice(1);
}

async function run(argv: readonly string[], env: Readonly<Record<string, string>>) {
  const clean = { FANFARE_ENGINE: 'memory', FANFARE_PORT: '0', ...env };
  const child = spawn(process.execPath, [START, ...argv], { env: { PATH: process.env['PATH'] ?? '', ...clean } });
  let [out, err] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk;
  });
  const [code] = await once(child, 'close');
  return { code, out, err };
}

describe('npm start', () => {
  it('has the rooms as its operator says', async () => {
    await using server = await startShowcase({
      ROOMS_BROADCAST: 'false',
      ROOMS_MAX_ROOMS: '1',
      ROOMS_HEARTBEAT_MS: '5000',
      ROOMS_MAX_MESSAGE_BYTES: '2000',
      ROOMS_RATE_PER_SECOND: '1',
      ROOMS_RATE_BURST: '5',
      ROOMS_KEEP_COUNT: '',
    });
    const answers = await converse(server.port, [
      { type: 'broadcast', message: 1 },
      { type: 'join-room', room: 'a' },
      { type: 'join-room', room: 'b' },
      { type: 'ping' },
      { type: 'ping' },
      { type: 'ping' },
    ]);
    expect(answers.map(({ type, code }) => code ?? type).sort()).toEqual(
      ['BROADCAST_DISABLED', 'room-joined', 'TOO_MANY_ROOMS', 'pong', 'pong', 'RATE_LIMITED'].sort(),
    );
    const handshake = await (await fetch(`${server.url}/socket.io/?EIO=4&transport=polling`)).text();
    expect(JSON.parse(handshake.slice(1))).toMatchObject({ pingInterval: 5000, maxPayload: 2000 });
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}/ws`);
    const pinged = once(socket, 'ping');
    await once(socket, 'message');
    await pinged;
    socket.send(JSON.stringify({ type: 'echo', message: 'x'.repeat(2000) }));
    expect((await once(socket, 'close'))[0]).toBe(1009);
  });

  it('does not start with what makes no sense, and says which, what was expected and what it got', async () => {
    const { code, err } = await run([], {
      ROOMS_HEARTBEAT_MS: '1000',
      ROOMS_BROADCAST: 'constructor',
      ROOMS_MAX_ROOMS: '-1',
      FANFARE_HEARTBEAT_MS: '1',
      ROOMS_HEARTBEET: '1',
    });

    expect(code).toBe(1);
    for (const line of [
      'did not start: ROOMS_HEARTBEAT_MS: expected a whole number from 5000 to 300000, got "1000"',
      'did not start: ROOMS_BROADCAST: expected true or false, got "constructor"',
      'did not start: ROOMS_MAX_ROOMS: expected a whole number from 1 to 10000, got "-1"',
      'did not start: FANFARE_HEARTBEAT_MS',
      'warning: ROOMS_HEARTBEET: no such setting',
    ]) {
      expect(err).toContain(line);
    }
  });

  it('checks with --check-config, and starts nothing', async () => {
    expect(await run(['--check-config'], {})).toEqual({ code: 0, out: 'The configuration is valid.\n', err: '' });
    const unknown = await run(['--check-config'], { ROOMS_HEARTBEET: '1' });
    expect([unknown.code, unknown.out]).toEqual([1, 'The configuration has unknown settings.\n']);
    expect(unknown.err).toContain('ROOMS_HEARTBEET: no such setting');
    expect((await run(['--check-config'], { ROOMS_MAX_ROOMS: '-1' })).code).toBe(1);
  });

  it('refuses a flag that nobody knows, with exit code 2', async () => {
    const { code, out, err } = await run(['--check-confg'], {});

    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(
      "did not start: command line: Unknown option '--check-confg'; fanfare serve --help lists the flags",
    );
  });

  it('tells what can be set, with --help, and starts nothing', async () => {
    const { code, out, err } = await run(['--help'], {});

    expect([code, err]).toEqual([0, '']);
    for (const name of Object.keys(ROOMS_SETTINGS)) expect(out).toContain(name);
    expect(out).not.toContain('Fanfare is live');
  });
});

describe('the settings of the rooms', () => {
  it('are those of the documents, with their defaults', async () => {
    const documents = await readFile(DOCS, 'utf8');
    const rows = [...documents.matchAll(/^\| `(ROOMS_\w+)` \| ([^|]+) \| ([^|]+) \| `(\w+)` \|$/gm)];

    expect(rows.map(([, name, help, expected, fallback]) => [name, help, expected, fallback])).toEqual(
      Object.entries(ROOMS_SETTINGS).map(([name, { help, expected, fallback }]) => [name, help, expected, fallback]),
    );
  });

  it.each(Object.keys(ROOMS_SETTINGS))('%s is refused where it is nothing that it may be', (name) => {
    for (const bad of ['x', '-1', '1.5', '1e3', ' 5', '99999999999999', '0x10']) {
      expect(readRoomsConfig({ [name]: bad }).problems).toHaveLength(1);
    }
    expect(readRoomsConfig({ [name]: '' })).toEqual(readRoomsConfig({}));
    expect(readRoomsConfig({}).problems).toEqual([]);
  });
});
