/**
 * What the hub itself costs, without sockets and HTTP: CPU and garbage per delivery, per publish and per recovery, on wires
 * that only count. Method and reading: README.md. `npm run build` first; then `node --expose-gc bench/core-fan-out.mjs`.
 */
import { parseArgs } from 'node:util';
import { Hub, memory } from 'fanfare/internal';

const { values: flags } = parseArgs({
  options: {
    /** Each figure is the median of so many rounds; the scenarios take turns. */
    rounds: { type: 'string', default: '5' },
    /** One round of one scenario, milliseconds. */
    ms: { type: 'string', default: '300' },
    /** One JSON object instead of the table. */
    json: { type: 'boolean', default: false },
  },
});
const rounds = boundedFlag('rounds', 50);
const roundMs = boundedFlag('ms', 5000);

const utf8 = new TextEncoder();
const payload = JSON.stringify({ text: 'x'.repeat(110) });

/** The size of what SSE writes; the cost of the real format is its own. */
const encoding = {
  name: 'bench',
  event: ({ channel, epoch, offset, dataJson }) =>
    utf8.encode(`event: e\ndata: {"channel":"${channel}","data":${dataJson}}\nid: ${epoch}.${offset.toString(36)}\n\n`),
  control: (frame) => utf8.encode(frame.type),
};
const rule = {
  pattern: 'log:{id}',
  kind: 'log',
  retention: { kind: 'window', count: 1000 },
  minIntervalMs: 0,
  maxSubscribers: 100_000,
};

/** Turns of the loop are run by the bench: nothing else may cost time. */
class TurnClock {
  #tasks = [];
  now = () => performance.now();
  wallTime = () => Date.now();
  after = () => () => {};
  afterTurn = (task) => this.#tasks.push(task);

  /** Runs turns until there is nothing left to do. */
  settle() {
    while (this.#tasks.length > 0) for (const task of this.#tasks.splice(0)) task();
  }
}

class CountingTransport {
  bufferedBytes = 0;
  writes = 0;

  send() {
    this.writes += 1;
    return 'written';
  }

  close() {}
}

async function makeWorld() {
  let ids = 0;
  const clock = new TurnClock();
  const id = () => {
    ids += 1;
    return `bench-${ids}`;
  };
  const entropy = { random: Math.random, id };
  const { broker } = memory();
  return { clock, broker, hub: new Hub({ broker, clock, entropy, rules: () => rule }) };
}

async function join(world, channel, position) {
  const transport = new CountingTransport();
  const connection = world.hub.open(transport, { encoding, maxAgeMs: 0 });
  await connection.subscribe(channel, position === undefined ? {} : { position });
  return { connection, transport };
}

const publish = (hub, channel) => hub.append({ channel, event: 'e', dataJson: payload });

/** One scenario: `step` does some work and returns how many units it was. */
const SCENARIOS = [
  { name: 'fan-out, 1000 subscribers', unit: 'delivery', make: () => fanOut({ subscribers: 1000, burst: 1 }) },
  { name: 'fan-out, 1000, 16 a turn', unit: 'delivery', make: () => fanOut({ subscribers: 1000, burst: 16 }) },
  { name: 'fan-out, 10000 subscribers', unit: 'delivery', make: () => fanOut({ subscribers: 10_000, burst: 1 }) },
  { name: '1000 channels x 1', unit: 'publish', make: manyChannels },
  { name: 'recovery, 1000 x 100', unit: 'client', make: () => recovery({ watched: true }) },
  { name: 'recovery after a restart', unit: 'client', make: () => recovery({ watched: false }) },
];

async function fanOut({ subscribers, burst }) {
  const world = await makeWorld();
  for (let n = 0; n < subscribers; n += 1) await join(world, 'log:a');
  world.clock.settle();
  return async () => {
    for (let n = 0; n < burst; n += 1) await publish(world.hub, 'log:a');
    world.clock.settle();
    return subscribers * burst;
  };
}

async function manyChannels() {
  const world = await makeWorld();
  for (let n = 0; n < 1000; n += 1) await join(world, `log:${n}`);
  world.clock.settle();
  return async () => {
    for (let n = 0; n < 1000; n += 1) {
      await publish(world.hub, `log:${n}`);
      if (n % 8 === 7) world.clock.settle();
    }
    return 1000;
  };
}

/** `watched`: the channel's tail is in memory; otherwise all of it is read from the engine, as after a restart. */
async function recovery({ watched }) {
  return async () => {
    const world = await makeWorld();
    const position = { ...(await world.broker.head('log:a')), offset: 0 };
    if (watched) await join(world, 'log:a');
    for (let n = 0; n < 100; n += 1) await publish(world.hub, 'log:a');
    world.clock.settle();
    const clients = [];
    for (let n = 0; n < 1000; n += 1) clients.push(join(world, 'log:a', position));
    await Promise.all(clients);
    world.clock.settle();
    world.hub.close();
    return 1000;
  };
}

/** Runs a scenario for a while: nanoseconds of CPU and bytes of garbage per unit. */
async function measure(step) {
  globalThis.gc?.();
  const startedAt = performance.now();
  const cpu = process.cpuUsage();
  let garbage = 0;
  let units = 0;
  while (performance.now() - startedAt < roundMs || units === 0) {
    const before = process.memoryUsage().heapUsed;
    units += await step();
    // A collection in between makes the difference negative: that step tells nothing.
    garbage += Math.max(0, process.memoryUsage().heapUsed - before);
  }
  const { user, system } = process.cpuUsage(cpu);
  return { ns: ((user + system) * 1000) / units, bytes: garbage / units };
}

async function run() {
  const results = new Map(SCENARIOS.map(({ name }) => [name, []]));
  for (const { make } of SCENARIOS) await measure(await make()); // warms the compiler
  for (let round = 0; round < rounds; round += 1) {
    for (const { name, make } of SCENARIOS) results.get(name).push(await measure(await make()));
  }
  return SCENARIOS.map(({ name, unit }) => {
    const runs = results.get(name);
    const ns = Math.round(median(runs.map((result) => result.ns)));
    return {
      scenario: name,
      unit,
      ns,
      'per second': Math.round(1e9 / ns),
      bytes: Math.round(median(runs.map((result) => result.bytes))),
    };
  });
}

function median(numbers) {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)];
}

function boundedFlag(name, most) {
  const value = Number(flags[name]);
  if (Number.isInteger(value) && value >= 1 && value <= most) return value;
  throw new RangeError(`--${name}: expected a whole number from 1 to ${most}, got ${flags[name]}`);
}

const rows = await run();
if (flags.json) process.stdout.write(`${JSON.stringify({ node: process.version, rounds, roundMs, rows })}\n`);
else console.table(rows);
