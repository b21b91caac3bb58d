/** Publishes at a fixed rate, whatever the server does. Latency counts from when a publish was due, so a stall is not hidden. */
import { openCrowd, stallLast } from './crowd.mjs';
import { Histogram } from './histogram.mjs';
import { nowUs } from './payload.mjs';
import { Publisher } from './publisher.mjs';
import { cpuUs, memoryKb } from './server-usage.mjs';

const PUBLISHERS = 16;
const SETTLE_MS = 500;
const TIMER_US = 1000;

export async function openLoop(job, fail) {
  const { publish, subscribers, stalled = 0, rate, warmupMs, durationMs, serverPids, payloadBytes } = job;
  const healthy = subscribers - stalled;
  const warm = Math.floor((warmupMs / 1000) * rate);
  const sent = warm + Math.floor((durationMs / 1000) * rate);
  const latency = new Histogram();
  // What is not counted runs the same code, so that the first that counts does not meet it cold.
  const warming = new Histogram();
  const onEvents = ({ sequences, timesUs, count }, index) => {
    if (index >= healthy) return;
    const now = nowUs();
    for (let at = 0; at < count; at += 1) (sequences[at] < warm ? warming : latency).add(now - timesUs[at]);
  };
  let lost = 0;
  const options = stalled > 0 ? { lost: () => (lost += 1) } : {};
  const crowd = await openCrowd(job, onEvents, options);
  stallLast(crowd, stalled);
  const publishers = Array.from({ length: PUBLISHERS }, () => new Publisher(publish, payloadBytes, fail));
  let cpuBefore = cpuUs(serverPids);
  const send = (sequence, dueUs) => {
    const publisher = publishers.find((one) => one.idle);
    publisher?.publish(0, sequence, dueUs, () => {});
    // Between two publishes, because it takes a moment.
    if (sequence === warm - 1) setTimeout(() => (cpuBefore = cpuUs(serverPids)), 500 / rate);
    return publisher !== undefined;
  };
  await pace(send, rate, sent);
  await new Promise((resolve) => setTimeout(resolve, SETTLE_MS));
  const cpu = cpuUs(serverPids) - cpuBefore;
  const memory = memoryKb(serverPids);
  for (const one of [...publishers, ...crowd]) one.end();
  return {
    latencyMs: latency.summary(),
    cpuUsPerDelivery: cpu / latency.count,
    deliveredShare: latency.count / ((sent - warm) * healthy),
    memoryMb: memory / 1024,
    cutOff: lost,
  };
}

/** A publish that finds no free connection waits, and its latency with it. */
function pace(send, rate, count) {
  const startUs = nowUs();
  const stepUs = 1e6 / rate;
  let index = 0;
  return new Promise((resolve) => {
    const tick = () => {
      while (index < count && startUs + index * stepUs <= nowUs()) {
        if (!send(index, Math.round(startUs + index * stepUs))) break;
        index += 1;
      }
      if (index === count) resolve();
      else if (startUs + index * stepUs - nowUs() > 2 * TIMER_US) setTimeout(tick, 1);
      // A timer is a millisecond late now and then: the last bit is waited for turn by turn.
      else setImmediate(tick);
    };
    tick();
  });
}
