// A network of its own: servers, publishers and clients on one loopback, and packets that are dropped on the way to some of them.
import { spawnSync } from 'node:child_process';
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createClient } from '@fanfare/client';
import { Burst, startServerProcess } from '@fanfare/testkit';
import { createFanfare, log, memory } from 'fanfare';

const WIRES = ['ws', 'sse', 'poll'];
const READY_MS = 60_000;
/** A publisher's own way, which is never cut. */
const NEAR = '127.0.0.1';
/** Each row of clients reaches its server by an address of its own. */
let addresses = 1;
/** Processes of their own, which do not end with this one. */
const servers = new Set();

function freshAddress() {
  addresses += 1;
  return `127.0.0.${addresses}`;
}

function iptables(change, address) {
  for (const side of ['-s', '-d']) {
    const { status, stderr } = spawnSync('iptables', ['-w', change, 'INPUT', side, address, '-j', 'DROP']);
    if (status !== 0) throw new Error(`iptables: ${stderr}`);
  }
}

async function until(fact, what, withinMs = READY_MS) {
  const deadline = Date.now() + withinMs;
  while (!fact()) {
    if (Date.now() > deadline) throw new Error(`Waited in vain: ${what}`);
    await pause(20);
  }
}

function listen(url, name, wire) {
  const seen = { wire, handed: [], statuses: [], losses: [] };
  const client = createClient({ url, transports: [wire], tabs: false, onError: () => undefined });
  const channel = client.channel(name);
  client.onConnection(({ status }) => seen.statuses.push(status));
  channel.on('n', (payload, { position }) => seen.handed.push({ kind: 'event', payload, position }));
  channel.onLost(({ cause }) => {
    seen.handed.push({ kind: 'lost', cause });
    seen.losses.push(cause);
  });
  return { seen, client, channel };
}

/** One server, and for each row of `cuts` a client on every wire whose packets are dropped for so long. */
async function cut({ options, cuts }) {
  const server = await startServerProcess({
    script: fileURLToPath(new URL('server.mjs', import.meta.url)),
    env: { E2E_OPTIONS: JSON.stringify({ engine: 'sqlite', ...options }), E2E_HOST: '0.0.0.0' },
    readyWithinMs: READY_MS,
  });
  servers.add(server);
  return Promise.all(cuts.map((row, index) => suffer(server, { ...row, channel: `${row.pattern}:${index}` })));
}

/** `missed`: goes on until so many events were published meanwhile. */
async function suffer(server, { channel, outageMs, missed = 0 }) {
  const address = freshAddress();
  const members = WIRES.map((wire) => listen(`http://${address}:${server.port}`, channel, wire));
  await until(() => members.every((member) => member.channel.subscription.status === 'subscribed'), 'subscriptions');
  const near = { url: `http://${NEAR}:${server.port}`, apiKey: 'e2e' };
  const burst = new Burst({ ...near, channel, event: 'n', publishers: 1, everyMs: missed > 0 ? 20 : 100 });
  await until(() => members.every(({ seen }) => seen.handed.length > 5), 'events before the cut');

  iptables('-I', address);
  const acked = burst.acked;
  await pause(outageMs);
  await until(() => burst.acked - acked >= missed, 'events that are missed');
  const during = members.map(({ seen }) => seen.handed.length);
  iptables('-D', address);

  const gotMore = ({ seen }, index) => seen.handed.some(({ kind }, at) => at >= during[index] && kind === 'event');
  await until(() => members.every(gotMore), 'events after the cut', 90_000);
  await burst.stop();
  const last = await burst.mark();
  const hasAll = ({ seen }) => seen.handed.at(-1)?.payload === last;
  await until(() => members.every(hasAll), 'the last event');
  for (const { client } of members) client.close();
  return { published: burst.published, pages: members.map(({ seen }) => seen) };
}

/** Clients whose packets are dropped for ever; how long their server kept each, and how many bytes at most. */
async function vanish({ heartbeatMs, limits, payloadBytes, everyMs }) {
  const closedAt = new Map();
  const channels = { 'run:{name}': log({ keep: { count: 10 }, access: 'public' }) };
  const live = createFanfare({ engine: memory(), channels, limits, heartbeatMs });
  const server = createServer();
  live.attach(server);
  await new Promise((resolve) => server.listen(0, '0.0.0.0', resolve));
  const { port } = server.address();
  const address = freshAddress();
  const members = WIRES.map((wire) => listen(`http://${address}:${port}`, `run:${wire}`, wire));
  await until(() => members.every(({ channel }) => channel.subscription.status === 'subscribed'), 'subscriptions');
  const held = () => live.connections().flatMap((connection) => connection.channels);
  await until(() => held().length === WIRES.length, 'every wire at its server');

  iptables('-I', address);
  const cutAt = Date.now();
  let mostBuffered = 0;
  const payload = 'x'.repeat(payloadBytes);
  const deadline = cutAt + READY_MS;
  while (held().length > 0 && Date.now() < deadline) {
    if (payloadBytes > 0) for (const wire of WIRES) await live.channel(`run:${wire}`).publish('n', payload);
    for (const { bufferedBytes } of live.connections()) mostBuffered = Math.max(mostBuffered, bufferedBytes);
    for (const wire of WIRES) if (!held().includes(`run:${wire}`)) closedAt.set(wire, closedAt.get(wire) ?? Date.now());
    if (payloadBytes === 0 && closedAt.has('ws')) break;
    await pause(everyMs);
  }
  for (const wire of WIRES) if (!held().includes(`run:${wire}`)) closedAt.set(wire, closedAt.get(wire) ?? Date.now());
  for (const { client } of members) client.close();
  await live.close();
  server.closeAllConnections();
  server.close();
  iptables('-D', address);
  return { mostBuffered, keptMs: Object.fromEntries([...closedAt].map(([wire, at]) => [wire, at - cutAt])) };
}

const tasks = { cut, vanish };

process.on('message', async ({ id, task, argument }) => {
  try {
    process.send({ id, answer: await tasks[task](argument) });
  } catch (error) {
    process.send({ id, error: String(error?.stack ?? error) });
  }
});
process.on('disconnect', async () => {
  for (const server of servers) await server[Symbol.asyncDispose]();
  process.exit();
});
