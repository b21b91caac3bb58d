/** What is measured: a load, and the one figure of it that servers are compared by. */

const cpuPerDelivery = { key: 'cpuUsPerDelivery', unit: 'µs', lower: true, label: 'server CPU per delivery' };
const cpuPerEvent = { key: 'cpuUsPerEvent', unit: 'µs', lower: true, label: 'server CPU per event' };
const p99 = { key: 'latencyMs.p99', unit: 'ms', lower: true, label: 'latency per delivery, p99' };

const fanOut = (subscribers, inFlight) => ({
  title: `${subscribers} subscribers of one channel, ${inFlight === 1 ? 'one publish' : `${inFlight} publishes`} in flight`,
  figure: cpuPerDelivery,
  columns: ['usPerDelivery', 'deliveriesPerSecond', 'latencyMs.p50', 'latencyMs.p99'],
  job: { mode: 'closed', subscribers, inFlight },
});

const atRate = (subscribers, rate, more = {}) => ({
  title: `${subscribers} subscriber${subscribers === 1 ? '' : 's'}, ${rate} events/s whatever the server does`,
  figure: p99,
  columns: ['latencyMs.p50', 'latencyMs.p999', 'cpuUsPerDelivery', 'deliveredShare'],
  job: { mode: 'open', subscribers, rate, ...more },
});

const publishes = (title, job) => ({
  title,
  figure: cpuPerEvent,
  columns: ['eventsPerSecond', 'answerMs.p50', 'answerMs.p99', 'latencyMs.p99'],
  job: { mode: 'closed', inFlight: 16, ...job },
});

export const scenarios = {
  'fan-out-100': fanOut(100, 1),
  'fan-out-1000': fanOut(1000, 1),
  'fan-out-1000-16': fanOut(1000, 16),
  'fan-out-10000': fanOut(10_000, 1),
  'fan-out-10000-16': fanOut(10_000, 16),
  'rate-1': atRate(1, 200),
  'rate-1000': atRate(1000, 30, { durationMs: 4000 }),
  slow: {
    ...atRate(1000, 30, { stalled: 50, payloadBytes: 1024, durationMs: 4000 }),
    title: '50 of 1000 subscribers never read, 30 events/s of 1 KiB: p99 of the others',
    columns: ['latencyMs.p50', 'latencyMs.p999', 'memoryMb', 'cutOff', 'deliveredShare'],
  },
  'channels-1000': publishes('1000 channels with one subscriber each, 16 HTTP publishes in flight', {
    subscribers: 1000,
    channels: 1000,
  }),
  'channels-1000x10': publishes('1000 channels with ten subscribers each, 16 HTTP publishes in flight', {
    subscribers: 10_000,
    channels: 1000,
  }),
  publish: publishes('HTTP publishes to 1000 channels that nobody listens to, 16 in flight', {
    subscribers: 0,
    channels: 1000,
  }),
  'publish-10': publishes('the same to 10 channels', { subscribers: 0, channels: 10 }),
  'publish-100000': publishes('the same to 100 000 channels', { subscribers: 0, channels: 100_000 }),
  'publish-100000-known': publishes('the same to 100 000 channels that exist, in another order each time', {
    subscribers: 0,
    channels: 100_000,
    known: true,
  }),
  batch: publishes('HTTP batches of 100 events, 16 in flight', { subscribers: 0, channels: 1000, needs: 'batch' }),
  'in-process': publishes('publishes within the server, 16 in flight', { mode: 'in-process', channels: 1000 }),
  storm: {
    title: '5000 connect at once: CPU until all are subscribed, connected until each has its first event',
    figure: { key: 'cpuUsPerConnection', unit: 'µs', lower: true, label: 'server CPU per connection' },
    columns: ['connectionsPerSecond', 'subscribedPerSecond'],
    job: { mode: 'storm', subscribers: 5000 },
  },
  idle: {
    title: '10 000 idle connections',
    figure: { key: 'kbPerConnection', unit: 'KB', lower: true, label: 'memory per connection' },
    columns: ['kbPerConnectionAfterEvents', 'cpuPercent', 'deliveredShare'],
    job: { mode: 'idle', subscribers: 10_000, settleMs: 1500 },
  },
  recovery: {
    title: '1000 clients come back at once, each missed 100 events',
    figure: { key: 'cpuUsPerClient', unit: 'µs', lower: true, label: 'server CPU per client' },
    columns: ['recoverySeconds'],
    job: { mode: 'recovery', subscribers: 1000, missed: 100, handshakes: 1000, needs: 'resume' },
  },
};

/** Without `--scenarios`. The others show how cost grows, and are asked for by name. */
export const usual = Object.keys(scenarios).filter((name) => !/^fan-out-100$|^publish-/.test(name));
export const quick = ['fan-out-1000', 'fan-out-1000-16', 'rate-1000', 'publish', 'storm', 'recovery'];

/** What the columns are called. */
export const columnLabels = {
  cpuUsPerDelivery: 'CPU µs/delivery',
  usPerDelivery: 'µs/delivery',
  deliveriesPerSecond: 'deliveries/s',
  eventsPerSecond: 'events/s',
  'answerMs.p50': 'answer p50 ms',
  'answerMs.p99': 'answer p99 ms',
  'latencyMs.p50': 'p50 ms',
  'latencyMs.p99': 'p99 ms',
  'latencyMs.p999': 'p99.9 ms',
  deliveredShare: 'delivered',
  memoryMb: 'memory MB',
  cutOff: 'cut off',
  subscribedPerSecond: 'subscribed/s',
  connectionsPerSecond: 'connected/s',
  kbPerConnectionAfterEvents: 'KB after events',
  cpuPercent: 'CPU %',
  recoverySeconds: 'seconds',
};
