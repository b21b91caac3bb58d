/**
 * The claim of the team that asked for the inbox, measured: one open request instead of polling every 2 s, against the same server in
 * one run. Build first (`npm run build`), then `node systems/inbox/bench/claim.mjs`; about three minutes.
 *
 *   --idle 60        seconds of each idle measurement
 *   --users 1000     connected users
 *   --each 10        notifications per user in the burst
 *   --rate 250       notifications per second in the burst
 *   --json           figures for a program, beside the table for people
 */
import { Agent } from 'node:http';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startServerProcess } from '@fanfare/testkit';
import { ask, CountingRelay, Poller, pause, Sdk, Stream } from './clients.mjs';
import { bytes, milliseconds, percent, table } from './table.mjs';

const { values } = parseArgs({
  options: {
    idle: { type: 'string', default: '60' },
    users: { type: 'string', default: '1000' },
    each: { type: 'string', default: '10' },
    rate: { type: 'string', default: '250' },
    json: { type: 'boolean', default: false },
  },
});
const idleMs = Number(values.idle) * 1000;
const users = Number(values.users);
const each = Number(values.each);
const rate = Number(values.rate);
const KEY = 'bench-key';
const POLL_MS = 2000;
const DAY_S = 24 * 3600;
/** Streams end at an age of 30 to 60 minutes: at most two connects in an hour. */
const CONNECTS_PER_HOUR = 2;
const SAMPLES = 40;
const WARM_UP = 500;

const script = fileURLToPath(new URL('server.mjs', import.meta.url));
const server = await startServerProcess({ script, env: { BENCH_USERS: String(users), BENCH_KEY: KEY } });
try {
  say(
    `node ${process.version}, ${users} users, idle ${values.idle} s each, ${users * each} notifications at ${rate}/s`,
  );
  const one = await oneUser();
  const pollersCpu = await cpuOfPollers();
  const streams = await connectAll();
  const idleCpu = await cpuWhile(idleMs);
  const burst = await burstTo(streams);
  for (const { stream } of streams) stream.stop();
  report({ one, pollersCpu, idleCpu, burst });
} finally {
  await server[Symbol.asyncDispose]();
}

/** One user in four ways at once: what each costs while nothing happens, and how late each is when something does. */
async function oneUser() {
  const ways = {
    poll: (options) => new Poller(options),
    'poll, 304': (options) => new Poller({ ...options, tagged: true }),
    stream: (options) => new Stream(options),
    SDK: (options) => new Sdk(options),
  };
  // A user of its own each, as what is new to one must not be told by another; each through a relay that counts.
  const measured = await Promise.all(
    Object.entries(ways).map(async ([way, start], index) => {
      const user = index + 2;
      const relay = new CountingRelay(server.port);
      const sent = new Map();
      const late = [];
      const came = (title, at) => sent.has(title) && late.push(at - sent.get(title));
      // As long a list as a page shows: an empty one is no list to poll.
      for (let n = 0; n < 20; n += 1)
        await trigger(user, `earlier ${n}`, 'Row 118 of players.csv has no date of birth.');
      const client = start({ url: await relay.listen(), user, came });
      await client.ready;
      return { way, user, relay, sent, late, client };
    }),
  );
  await pause(POLL_MS);
  const connectBytes = measured.map(({ relay }) => relay.bytes);
  const requestsBefore = measured.map(({ client }) => client.requests);
  await pause(idleMs);
  const idle = measured.map(({ way, relay, client }, index) => ({
    way,
    idleBytesPerHour: ((relay.bytes - connectBytes[index]) * 3_600_000) / idleMs,
    connectBytes: connectBytes[index],
    requestsPerDay:
      way === 'stream' || way === 'SDK'
        ? CONNECTS_PER_HOUR * 24
        : ((client.requests - requestsBefore[index]) * DAY_S * 1000) / idleMs,
  }));
  for (let n = 0; n < SAMPLES; n += 1) {
    const title = `sample ${n}`;
    for (const { user, sent } of measured) {
      sent.set(title, performance.now());
      await trigger(user, title, 'measured');
    }
    // Not in step with the pollers.
    await pause(137 + ((n * 389) % 700));
  }
  await pause(POLL_MS + 500);
  for (const { client, relay } of measured) {
    client.stop();
    relay.close();
  }
  return idle.map((facts, index) => ({ ...facts, late: measured[index].late }));
}

/** As many pollers as users, each every 2 s: started over 2 s, measured for a while. */
async function cpuOfPollers() {
  const pollers = Array.from({ length: users }, (_, index) => {
    return new Poller({ url: server.url, user: index + 1, startAfterMs: (index * POLL_MS) / users });
  });
  await pause(POLL_MS * 2);
  const cpu = await cpuWhile(Math.min(idleMs, 20_000));
  for (const poller of pollers) poller.stop();
  await pause(500);
  return cpu;
}

async function connectAll() {
  const streams = Array.from({ length: users }, (_, index) => {
    const seen = [];
    const stream = new Stream({ url: server.url, user: index + 1, came: (title, at) => seen.push({ title, at }) });
    return { user: index + 1, seen, stream };
  });
  await Promise.all(streams.map(({ stream }) => stream.ready));
  await pause(1000);
  return streams;
}

async function usage() {
  return (await ask({ url: server.url, path: '/bench/usage' })).body;
}

/** Share of one processor, and requests per second. */
async function cpuWhile(ms) {
  const before = await usage();
  await pause(ms);
  const after = await usage();
  const wallMs = after.at - before.at;
  return {
    cpu: (after.cpuMs - before.cpuMs) / wallMs,
    requestsPerSecond: ((after.requests - before.requests - 1) * 1000) / wallMs,
    connections: after.connections,
  };
}

/** `each` notifications to every user at a steady rate, over a few connections; each with its own title. Some before it to warm up. */
async function burstTo(streams) {
  for (let n = 0; n < WARM_UP; n += 1) await trigger((n % users) + 1, `warm ${n}`, 'warm up');
  await pause(1000);
  for (const { seen } of streams) seen.length = 0;
  const agent = new Agent({ keepAlive: true, maxSockets: 16 });
  const sentAt = new Map();
  const began = performance.now();
  const answers = [];
  for (let n = 0; n < users * each; n += 1) {
    const due = began + (n * 1000) / rate;
    if (due > performance.now()) await pause(due - performance.now());
    const user = (n % users) + 1;
    const title = `${user}-${Math.floor(n / users)}`;
    sentAt.set(title, performance.now());
    answers.push(trigger(user, title, 'burst', agent));
  }
  await Promise.all(answers);
  const took = performance.now() - began;
  await pause(1000);
  agent.destroy();
  return { ...judge(streams, sentAt), took };
}

/** Lost: sent and never seen. Twice: seen again. Out of order: after a later one. Foreign: somebody else's. */
function judge(streams, sentAt) {
  const verdict = { sent: sentAt.size, lost: 0, twice: 0, outOfOrder: 0, foreign: 0, late: [] };
  for (const { user, seen } of streams) {
    const titles = seen.map(({ title }) => title);
    const numbers = titles.map((title) => Number(title.split('-')[1]));
    verdict.lost += each - new Set(titles).size;
    verdict.twice += titles.length - new Set(titles).size;
    verdict.foreign += titles.filter((title) => !title.startsWith(`${user}-`)).length;
    verdict.outOfOrder += numbers.filter((number, index) => index > 0 && number < numbers[index - 1]).length;
    for (const { title, at } of seen) verdict.late.push(at - sentAt.get(title));
  }
  return verdict;
}

function trigger(user, title, message, agent) {
  const body = { user_id: user, title, message, type: 'info' };
  return ask({ url: server.url, key: KEY, agent, method: 'POST', path: '/api/notifications/trigger/', body });
}

function report({ one, pollersCpu, idleCpu, burst }) {
  const perHour = ({ way, idleBytesPerHour, connectBytes }) =>
    idleBytesPerHour + (way === 'stream' || way === 'SDK' ? CONNECTS_PER_HOUR * connectBytes : 0);
  say('\nOne user');
  say(
    table(
      ['', 'requests a day', 'bytes an idle hour', 'of it connecting', 'late: median', 'p99', 'most'],
      one.map((facts) => [
        facts.way === 'poll' ? 'polling every 2 s' : facts.way,
        String(Math.round(facts.requestsPerDay)),
        bytes(perHour(facts)),
        bytes(perHour(facts) - facts.idleBytesPerHour),
        ...[0.5, 0.99, 1].map((part) => milliseconds(quantile(facts.late, part))),
      ]),
    ),
  );
  say(`\n${users} users, nothing happens`);
  say(
    table(
      ['', 'server CPU, of one core', 'requests a second', 'connections'],
      [
        ['polling every 2 s', percent(pollersCpu.cpu), pollersCpu.requestsPerSecond.toFixed(0), ''],
        ['streams', percent(idleCpu.cpu), idleCpu.requestsPerSecond.toFixed(0), String(idleCpu.connections)],
      ],
    ),
  );
  say(`\n${burst.sent} notifications to ${users} connected users in ${(burst.took / 1000).toFixed(1)} s`);
  say(
    table(
      ['lost', 'twice', 'out of order', 'foreign', 'median', 'p99', 'most'],
      [
        [
          ...[burst.lost, burst.twice, burst.outOfOrder, burst.foreign].map(String),
          ...[0.5, 0.99, 1].map((part) => milliseconds(quantile(burst.late, part))),
        ],
      ],
    ),
  );
  const stream = one.find(({ way }) => way === 'stream');
  const claims = [
    ['one request instead of 43 200 a day', `${CONNECTS_PER_HOUR * 24} at most`, stream.requestsPerDay <= 48],
    ['under 100 ms (p99)', milliseconds(quantile(stream.late, 0.99)), quantile(stream.late, 0.99) < 100],
    ['under 10 KB an idle hour', bytes(perHour(stream)), perHour(stream) < 10_000],
    [`server CPU under 1 % at ${users} idle users`, percent(idleCpu.cpu), idleCpu.cpu < 0.01],
    ['none lost, none twice, in order', `${burst.lost}, ${burst.twice}, ${burst.outOfOrder}`, isClean(burst)],
    ['burst under 100 ms (p99)', milliseconds(quantile(burst.late, 0.99)), quantile(burst.late, 0.99) < 100],
  ];
  say('\nThe claim');
  say(
    table(
      ['', 'measured', ''],
      claims.map(([claim, got, holds]) => [claim, got, holds ? 'holds' : 'DOES NOT HOLD']),
    ),
  );
  if (values.json) say(JSON.stringify({ one, pollersCpu, idleCpu, burst: { ...burst, late: undefined } }));
  if (claims.some(([, , holds]) => !holds)) process.exitCode = 1;
}

function isClean({ lost, twice, outOfOrder, foreign }) {
  return lost + twice + outOfOrder + foreign === 0;
}

function quantile(numbers, part) {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? Number.NaN;
}

function say(text) {
  process.stdout.write(`${text}\n`);
}
