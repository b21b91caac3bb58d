/** Everybody was away, missed the same events, and comes back at once with where it stood. */
import { openCrowd } from './crowd.mjs';
import { nowUs } from './payload.mjs';
import { Publisher } from './publisher.mjs';
import { cpuUs } from './server-usage.mjs';
import { channelName, fill } from './template.mjs';

export async function recovery(job, fail) {
  const { subscribers, missed, publish, payloadBytes, serverPids, subscribe, resume } = job;
  let publisher;
  const send = (sequence) =>
    new Promise((answered) => {
      publisher.publish(0, sequence, nowUs(), answered);
    });
  const first = counted(subscribers);
  const before = await openCrowd(job, first.count, { keepText: true });
  // Not sooner: a server may close a connection that says nothing while the crowd gathers.
  publisher = new Publisher(publish, payloadBytes, fail);
  await send(0);
  await first.all;
  const places = before.map((one) => ({ id: lastId(one.lastText, resume.idPattern), v: one.captured }));
  for (const one of before) one.end();
  for (let sequence = 1; sequence <= missed; sequence += 1) await send(sequence);
  publisher.end();

  const plans = (index) => ({ ...subscribe, ...filled(resume.plan, places[index]), channel: channelName(0) });
  const again = counted(subscribers * missed);
  const cpuBefore = cpuUs(serverPids);
  const startedAt = performance.now();
  const after = await openCrowd(job, again.count, { plans });
  await again.all;
  const seconds = (performance.now() - startedAt) / 1000;
  const cpu = cpuUs(serverPids) - cpuBefore;
  for (const one of after) one.end();
  return { recoverySeconds: seconds, cpuUsPerClient: cpu / subscribers };
}

function counted(wanted) {
  let left = wanted;
  let done;
  const all = new Promise((resolve) => {
    done = resolve;
  });
  const count = (stamps) => {
    left -= stamps.count;
    if (left === 0) done();
  };
  return { all, count };
}

function lastId(text, pattern) {
  return [...text.matchAll(new RegExp(pattern, 'g'))].at(-1)?.[1] ?? '';
}

function filled(plan, place) {
  const entries = Object.entries(plan).map(([name, value]) => {
    return [name, Array.isArray(value) ? value.map((one) => fill(one, place)) : fill(value, place)];
  });
  return Object.fromEntries(entries);
}
