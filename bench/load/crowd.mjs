/** Many subscribers: opened a bounded number at a time, counted together. */

import { Subscriber } from './subscriber.mjs';
import { channelName } from './template.mjs';

/** Resolves with the subscribers once all are subscribed; rejects with the first failure. */
export function openCrowd(job, onEvent, options = {}) {
  const { subscribers, channels = 1, handshakes = 256 } = job;
  const plans = options.plans ?? ((index) => ({ ...job.subscribe, channel: channelName(index % channels) }));
  const crowd = [];
  let ready = 0;
  return new Promise((resolve, reject) => {
    const open = () => {
      const index = crowd.length;
      const listener = {
        ready: () => {
          ready += 1;
          if (ready === subscribers) resolve(crowd);
          else if (crowd.length < subscribers) open();
        },
        event: (sequence, timeUs) => onEvent(sequence, timeUs, index),
        failed: (reason) => (options.lost ?? reject)(new Error(`subscriber ${index}: ${reason}`)),
      };
      crowd.push(new Subscriber(plans(index), listener, options));
    };
    for (let index = 0; index < Math.min(handshakes, subscribers); index += 1) open();
    if (subscribers === 0) resolve(crowd);
  });
}

/** Those who never read: at the end of the crowd, and expected to be cut off. */
export function stallLast(crowd, count) {
  for (const subscriber of crowd.slice(crowd.length - count)) subscriber.stall();
}
