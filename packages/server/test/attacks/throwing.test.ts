/** R4: whatever function of the application throws, rejects or answers nonsense, one connection or request feels it and no other. */
import type { TransportName } from '@fanfare/protocol';
import { RawWebSocket } from '@fanfare/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Router, startServer } from '../../src/http/index.ts';
import type { UpgradeHandler } from '../../src/http/serve/upgrade-requests.ts';
import type { WebSocketPath } from '../../src/index.ts';
import {
  createFanfare,
  defineSseView,
  defineWebSocketView,
  log,
  memory,
  type StandardSchema,
} from '../../src/index.ts';
import { knock } from '../limits/knocking.ts';
import { RawClient } from '../transports/live-fixture.ts';

const bang = (): never => {
  throw new Error('bang');
};
/** `sync` and `late` fail in that way; anything else is good. */
function schema(): StandardSchema<unknown> {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => {
        if (value === 'sync') return bang();
        return value === 'late' ? Promise.reject(new Error('bang')) : { value };
      },
    },
  };
}

const everybody = { subscribe: 'public', publish: 'public' } as const;
const channels = {
  'log:{id}': log({ access: everybody }),
  'checked:{id}': log({ access: everybody, events: { e: schema() } }),
  'sync:{id}': log({ access: { subscribe: bang, publish: bang } }),
  'late:{id}': log({ access: { subscribe: () => Promise.reject(new Error('bang')) } }),
  'odd:{id}': log({ access: (() => 'yes') as never }),
  'grant:{id}': log(),
};

const view = defineSseView({
  name: 'bang',
  event: ({ event }) => (event === 'bang' ? bang() : undefined),
  connected: bang,
});
const shown = defineWebSocketView({
  name: 'own',
  event: ({ event, dataJson }) => (event === 'bang' ? bang() : dataJson),
});

function take(path: string, accept: WebSocketPath): UpgradeHandler {
  return (req, socket, head) => {
    if (req.url !== path) return false;
    accept(req, socket, head);
    return true;
  };
}

async function start() {
  const faults: unknown[] = [];
  const live = createFanfare({
    engine: memory(),
    channels,
    authenticate: ({ headers }) => (headers.authorization === 'Bearer bang' ? bang() : undefined),
    authorize: bang,
    onError: (fault) => {
      faults.push(fault);
      bang();
    },
  });
  live.observe(bang);
  const own = live.webSocketPath({
    view: shown,
    opened: (socket) => {
      void socket.subscribe('log:own');
      return { text: (text) => (text === 'bang' ? bang() : socket.send(text)), binary: bang, ended: bang };
    },
  });
  const broken = live.webSocketPath({ view: shown, opened: bang });
  const routes = new Router()
    .get('/sync', bang)
    .get('/late', async () => bang())
    .get('/odd', () => Promise.reject('a text'))
    .get('/view', ({ req, res }) => live.stream(req, res, { channels: ['log:view'], view, onRefused: bang }))
    .get('/stranger', ({ req, res }) => live.stream(req, res, { channels: ['no:such'], view }))
    .get('/half', ({ res }) => {
      res.writeHead(200).write('half');
      bang();
    });
  const logged: unknown[] = [];
  const logger = { error: (line: unknown) => logged.push(line), warn: () => {}, info: () => {}, debug: () => {} };
  const running = await startServer({
    config: { port: 0, host: '127.0.0.1', trustProxy: 0, logRequests: false },
    live,
    logger: logger as never,
    routes: [routes],
    fallback: () => bang(),
    upgrades: [take('/own', own), take('/broken', broken), (req) => req.url === '/upgrade' && bang()],
  });
  return { live, faults, logged, ...running, url: `http://127.0.0.1:${running.port}` };
}

let server: Awaited<ReturnType<typeof start>>;
/** Connected all the time, one over each wire. */
let bystanders: { readonly stream: RawClient; readonly socket: RawWebSocket };
const warnings: string[] = [];
const heed = ({ message }: Error): void => void warnings.push(message);
const unhandled = vi.fn();

beforeAll(async () => {
  server = await start();
  process.on('warning', heed);
  process.on('unhandledRejection', unhandled);
});
afterAll(async () => {
  await server.close();
  process.off('warning', heed);
  process.off('unhandledRejection', unhandled);
});
beforeEach(async () => {
  const stream = RawClient.get(server.port, '/live/sse?channel=log:a');
  await stream.until('subscribed');
  const socket = new RawWebSocket({ port: server.port });
  socket.send({ type: 'subscribe', channel: 'log:a' });
  await socket.until((frame) => frame.type === 'subscribed');
  bystanders = { stream, socket };
});
afterEach(async () => {
  const { stream, socket } = bystanders;
  await server.live.channel('log:a').publish('e', 'still here');
  await stream.until('e');
  await socket.until((frame) => frame.type === 'event');
  stream[Symbol.dispose]();
  socket[Symbol.dispose]();
  await vi.waitFor(() => expect(server.live.stats()).toMatchObject({ connections: 0, subscriptions: 0 }));
  expect(unhandled).not.toHaveBeenCalled();
});

const WIRES: readonly TransportName[] = ['sse', 'ws', 'poll'];

describe.each(WIRES)('R4 a throw, over %s,', (wire) => {
  it('of authenticate tells one client to come back', async () => {
    using client = await knock({
      live: server.live,
      port: server.port,
      wire,
      headers: { Authorization: 'Bearer bang' },
    });

    expect(client.told).toMatchObject({ code: 'INTERNAL', close: wire === 'poll' ? 0 : 3008 });
  });

  it.each(['sync:a', 'late:a', 'odd:a', 'grant:a'])(
    'of the rule of %s, or nonsense from it, lets nobody in',
    async (channel) => {
      const before = server.faults.length;
      using client = await knock({ live: server.live, port: server.port, wire, channel });

      expect(client.told).toMatchObject({ code: 'INTERNAL' });
      expect(server.faults.length).toBe(before + 1);
    },
  );

  it.each(['sync', 'late'])('of a schema (%s) refuses one publish, and the connection stays', async (data) => {
    const publish = { type: 'publish', id: 1, channel: 'checked:a', event: 'e', data };
    if (wire === 'ws') {
      bystanders.socket.send(publish);
      await bystanders.socket.until((frame) => frame.type === 'error' && frame.code === 'INTERNAL');
      return;
    }
    const [connected] = bystanders.stream.named('connected');
    const waiting = wire === 'poll' ? await beginPoll() : undefined;
    const connection = waiting?.connection ?? JSON.parse(connected?.data ?? '').connection;
    const answer = await fetch(`${server.url}/live/uplink/${connection}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(publish),
    });

    expect(await answer.json()).toMatchObject({ frames: [{ type: 'error', id: 1, code: 'INTERNAL' }] });
    waiting?.stop();
  });
});

describe('R4 a throw', () => {
  it.each(['/sync', '/late', '/odd', '/nothing', '/stranger'])(
    'of the handler of %s is answered with 500',
    async (path) => {
      const before = server.logged.length;
      const answer = await fetch(server.url + path);

      expect([answer.status, await answer.json()]).toMatchObject([500, { error: { code: 'INTERNAL' } }]);
      expect(server.logged.length).toBe(before + 1);
    },
  );

  it('of a handler that has begun its answer cuts it', async () => {
    await expect(fetch(`${server.url}/half`).then((answer) => answer.text())).rejects.toThrow();
  });

  it('of a view shows one reader an error in place of the event', async () => {
    using client = RawClient.get(server.port, '/view');
    await client.until('error');
    await server.live.channel('log:view').publish('bang', 1);

    await client.until('error', 2);
    expect(client.closed).toBe(false);
  });

  it.each([
    ['reads a text', { payload: 'bang' }],
    ['reads a binary', { opcode: 2, payload: 'x' }],
  ])('of what %s ends that WebSocket with 3008', async (_, frame) => {
    using client = new RawWebSocket({ port: server.port, path: '/own' });
    using other = new RawWebSocket({ port: server.port, path: '/own' });
    await Promise.all([client.answered(), other.answered()]);

    client.write(frame);
    await client.untilClosed();

    expect(client.closedWith?.code).toBe(3008);
    expect(other.closed).toBe(false);
  });

  it('of what is told of a new WebSocket ends that one', async () => {
    using client = new RawWebSocket({ port: server.port, path: '/broken' });
    await client.untilClosed();

    expect(client.closedWith?.code).toBe(3008);
  });

  it('of who takes upgrades ends that one, and is told', async () => {
    const before = server.logged.length;
    using client = new RawWebSocket({ port: server.port, path: '/upgrade' });
    await client.untilClosed();

    expect(client.closedWith).toBeUndefined();
    expect(server.logged.length).toBe(before + 1);
  });

  it('of onError itself is warned of, and hurts nobody', async () => {
    using client = await knock({ live: server.live, port: server.port, wire: 'sse', channel: 'sync:a' });

    expect(client.told).toMatchObject({ code: 'INTERNAL' });
    await vi.waitFor(() => expect(warnings.join()).toContain('bang'));
  });

  it('of an observer drops it: hub events go on', async () => {
    const heard = vi.fn();
    const stop = server.live.observe(heard);
    using client = RawClient.get(server.port, '/live/sse?channel=log:a');
    await client.until('subscribed');

    expect(heard).toHaveBeenCalled();
    stop();
  });
});

async function beginPoll(): Promise<{ readonly connection: string; readonly stop: () => void }> {
  const url = `${server.url}/live/poll?channel=log:poll`;
  const { connection } = Object(await (await fetch(url)).json());
  const controller = new AbortController();
  fetch(`${url}&wait=20&connection=${connection}`, { signal: controller.signal }).catch(() => {});
  await vi.waitUntil(() => server.live.connections().some(({ id }) => id === connection), { timeout: 10_000 });
  return { connection, stop: () => controller.abort() };
}
