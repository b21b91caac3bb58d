/** Everybody comes at once: from the first connect until the last has its first event. */
import { openCrowd } from './crowd.mjs';
import { nowUs, stampedJson } from './payload.mjs';
import { Publisher } from './publisher.mjs';
import { cpuUs } from './server-usage.mjs';
import { channelName } from './template.mjs';

export async function storm(job, fail) {
  const { subscribers, publish, payloadBytes, serverPids } = job;
  let left = subscribers;
  let done;
  const all = new Promise((resolve) => {
    done = resolve;
  });
  const cpuBefore = cpuUs(serverPids);
  const startedAt = performance.now();
  const crowd = await openCrowd(job, () => {
    left -= 1;
    if (left === 0) done();
  });
  const subscribedAt = performance.now();
  const publisher = new Publisher(publish, fail);
  publisher.publish(channelName(0), stampedJson(0, nowUs(), payloadBytes), () => {});
  await all;
  const endedAt = performance.now();
  const cpu = cpuUs(serverPids) - cpuBefore;
  for (const one of [publisher, ...crowd]) one.end();
  return {
    connectionsPerSecond: (subscribers * 1000) / (endedAt - startedAt),
    subscribedPerSecond: (subscribers * 1000) / (subscribedAt - startedAt),
    cpuUsPerConnection: cpu / subscribers,
  };
}
