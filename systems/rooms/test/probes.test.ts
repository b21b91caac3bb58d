/** `npm run test:ws:health` and `npm run test:ws` against a server that is well, one that is not, and none. */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { clientsOf, type Running, startRooms, TIMEOUT } from './rooms-support.ts';
import { IoClient } from './socket-io-support.ts';

const WORKSPACE = fileURLToPath(new URL('../../..', import.meta.url));

function run(
  script: string,
  url: string,
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly text: string }> {
  return new Promise((resolve) => {
    const env = { ...process.env, URL: url, ...more };
    const child = execFile('npm', ['run', '--silent', script], { cwd: WORKSPACE, env }, (_, stdout, stderr) =>
      resolve({ code: child.exitCode ?? -1, text: stdout + stderr }),
    );
  });
}

describe.each([
  ['test:ws:health', 'Health: 6 of 6 held.'],
  ['test:ws', 'Contract: 20 of 20 held.'],
])('npm run %s', (script, verdict) => {
  it('says ok, with exit code 0, and leaves nothing behind', async () => {
    await using server = await startRooms();

    const { code, text } = await run(script, server.url);

    expect(text).toContain(verdict);
    expect(text).not.toContain('FAIL');
    expect(code).toBe(0);
    await vi.waitFor(() => expect(clientsOf(server)).toEqual([]), TIMEOUT);
    expect(server.rooms.getConnectedCount()).toBe(0);
  });

  it('says what does not hold, with exit code 1', async () => {
    await using server = await startRooms({ rooms: { maxRooms: 0, servesHealth: false } });

    const { code, text } = await run(script, server.url.replace('http', 'ws'));

    expect(text).toMatch(/FAIL {2}.+\n.+/);
    expect(code).toBe(1);
    await vi.waitFor(() => expect(server.rooms.getConnectedCount()).toBe(0), TIMEOUT);
  });

  it('says that nobody is there', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));

    const { code, text } = await run(script, `http://127.0.0.1:${port}`);

    expect(text).toContain(`cannot connect to ws://127.0.0.1:${port}/ws`);
    expect(code).toBe(1);
  });
});

describe('npm run test:ws on a server that is in use', () => {
  it("is in nobody else's way: no message to the others, no member, no session, and no history after a minute", async () => {
    await using server = await startRooms();
    using other = await server.connect().welcomed();
    using io = await new IoClient(server.url).welcomed();
    await other.ask({ type: 'join-room', room: 'dashboard' });
    const before = gaugesOf(server);

    const { code, text } = await run('test:ws', server.url);

    expect(text).toContain('skip  broadcast');
    expect(text).toContain('Contract: 19 of 19 held, 1 skipped.');
    expect(code).toBe(0);
    await vi.waitFor(() => expect(gaugesOf(server)).toEqual(before), TIMEOUT);
    expect([other.messages.length, io.events.length]).toEqual([2, 1]);
    // What was said is there for a minute, and in that one room alone.
    const said = await server.live.api.history({ channel: 'room:_check', limit: 100 });
    expect(said).toMatchObject({ kind: 'events' });
    expect(said.kind === 'events' && said.events.length).toBeGreaterThan(3);
    expect(server.rooms.channels['room:_check'].retention).toMatchObject({ ageMs: 60_000 });
  });

  it('tries the broadcast where it is asked to', async () => {
    await using server = await startRooms();
    using other = await server.connect().welcomed();

    const { text } = await run('test:ws', server.url, { BROADCAST: '1' });

    expect(text).toContain('Contract: 20 of 20 held.');
    expect(await other.next()).toMatchObject({ type: 'broadcast' });
  });

  it('asks who may join the room of the checks as of any other', async () => {
    await using server = await startRooms({
      rooms: {
        join: ({ params }) =>
          params['room'] === '_check' ? { allow: false, status: 403, code: 'FORBIDDEN' } : { allow: true },
      },
    });
    using client = await server.connect().welcomed();

    expect(await client.ask({ type: 'join-room', room: '_check' })).toMatchObject({ code: 'FORBIDDEN' });
  });
});

/** What an operator's lists and gauges show. */
function gaugesOf({ live, rooms }: Running): unknown {
  const { connections, subscriptions, channels } = live.stats();
  return [
    rooms.health(),
    live.channels().map(({ channel, subscribers }) => [channel, subscribers]),
    connections,
    subscriptions,
    channels,
  ];
}
