/** Everybody comes at once: from the first connect until the last has its first event. */
import { openCrowd } from './crowd.mjs';
import { nowUs } from './payload.mjs';
import { Publisher } from './publisher.mjs';
import { cpuUs } from './server-usage.mjs';

export async function storm(job, fail) {
  const { subscribers, publish, payloadBytes, serverPids } = job;
  let left = subscribers;
  let done;
  const all = new Promise((resolve) => {
    done = resolve;
  });
  const cpuBefore = cpuUs(serverPids);
  const startedAt = performance.now();
  const crowd = await openCrowd(job, ({ count }) => {
    left -= count;
    if (left === 0) done();
  });
  const subscribedAt = performance.now();
  const cpu = cpuUs(serverPids) - cpuBefore;
  const publisher = new Publisher(publish, payloadBytes, fail);
  publisher.publish(0, 0, nowUs(), () => {});
  await all;
  const endedAt = performance.now();
  for (const one of [publisher, ...crowd]) one.end();
  return {
    connectionsPerSecond: (subscribers * 1000) / (endedAt - startedAt),
    subscribedPerSecond: (subscribers * 1000) / (subscribedAt - startedAt),
    cpuUsPerConnection: cpu / subscribers,
  };
}
