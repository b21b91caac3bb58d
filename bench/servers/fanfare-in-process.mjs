/** Publishing within the server's own process: one job as JSON in its argument, one result as JSON on its output. */
import { createFanfare, log, memory, sqlite } from 'fanfare';

const job = JSON.parse(process.argv[2] ?? '{}');
const { inFlight, channels, payloadBytes, warmupMs, durationMs } = job;
const fanfare = createFanfare({
  engine: job.engine === 'sqlite' ? sqlite(`${job.folder}/bench.db`) : memory(),
  channels: { 'public:{name}': log() },
});
const data = 'x'.repeat(payloadBytes - 2);
let published = 0;
let running = true;

async function publisher(first) {
  for (let index = first; running; index += inFlight) {
    await fanfare.channel(`public:c${index % channels}`).publish('e', data);
    published += 1;
    // Nobody may starve timers by publishing to an engine that answers at once.
    if (published % 256 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

const all = Array.from({ length: inFlight }, (_, first) => publisher(first));
await sleep(warmupMs);
const before = published;
const cpuBefore = cpuUs();
const startedAt = performance.now();
await sleep(durationMs);
const seconds = (performance.now() - startedAt) / 1000;
const events = published - before;
const cpu = cpuUs() - cpuBefore;
running = false;
await Promise.all(all);
await fanfare.close();
console.log(JSON.stringify({ eventsPerSecond: events / seconds, cpuUsPerEvent: cpu / events }));

function cpuUs() {
  const { user, system } = process.cpuUsage();
  return user + system;
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
