/** What connections weigh that do nothing: the server's own memory, before and after, once it has seen some traffic. */
import { openCrowd } from './crowd.mjs';
import { nowUs } from './payload.mjs';
import { Publisher } from './publisher.mjs';
import { cpuUs, memoryKb } from './server-usage.mjs';

const BROADCASTS = 3;

export async function idle(job, fail) {
  const { subscribers, publish, payloadBytes, serverPids, settleMs } = job;
  await warm(job);
  await sleep(settleMs);
  const before = memoryKb(serverPids);
  let deliveries = 0;
  const crowd = await openCrowd(job, ({ count }) => {
    deliveries += count;
  });
  await sleep(settleMs);
  const connected = memoryKb(serverPids);
  const publisher = new Publisher(publish, payloadBytes, fail);
  for (let sequence = 0; sequence < BROADCASTS; sequence += 1) {
    await new Promise((answered) => {
      publisher.publish(0, sequence, nowUs(), answered);
    });
  }
  const deadline = performance.now() + 5000;
  while (deliveries < subscribers * BROADCASTS && performance.now() < deadline) await sleep(20);
  await sleep(settleMs);
  const touched = memoryKb(serverPids);
  const cpuBefore = cpuUs(serverPids);
  const startedAt = performance.now();
  await sleep(job.durationMs);
  const cpuPercent = (cpuUs(serverPids) - cpuBefore) / (performance.now() - startedAt) / 10;
  for (const one of [publisher, ...crowd]) one.end();
  return {
    kbPerConnection: (connected - before) / subscribers,
    kbPerConnectionAfterEvents: (touched - before) / subscribers,
    cpuPercent,
    deliveredShare: deliveries / (subscribers * BROADCASTS),
  };
}

/** Code that was compiled and pools that grew are no cost of a connection. */
async function warm(job) {
  const crowd = await openCrowd({ ...job, subscribers: 200 }, () => {});
  for (const one of crowd) one.end();
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
