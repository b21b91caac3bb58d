/** Many subscribers: opened a bounded number at a time, counted together. */

import { Subscriber } from './subscriber.mjs';
import { channelName } from './template.mjs';

/**
 * Resolves with the subscribers once all are subscribed; rejects with the first failure. `onEvents(stamps, index)`: what one
 * subscriber has read at once. Connections that became possible in one turn of the loop are opened together, after its reads.
 */
export function openCrowd(job, onEvents, options = {}) {
  const { subscribers, channels = 1, handshakes = 256 } = job;
  const plans = options.plans ?? ((index) => ({ ...job.subscribe, channel: channelName(index % channels) }));
  const crowd = [];
  let ready = 0;
  let isDue = true;
  return new Promise((resolve, reject) => {
    const open = () => {
      isDue = false;
      while (crowd.length < Math.min(ready + handshakes, subscribers)) {
        const index = crowd.length;
        crowd.push(new Subscriber(plans(index), listenerOf(index), options));
      }
    };
    const listenerOf = (index) => ({
      ready: () => {
        ready += 1;
        if (ready === subscribers) resolve(crowd);
        else if (!isDue && crowd.length < subscribers) isDue = setImmediate(open) !== undefined;
      },
      events: (stamps) => onEvents(stamps, index),
      failed: (reason) => (options.lost ?? reject)(new Error(`subscriber ${index}: ${reason}`)),
    });
    open();
    if (subscribers === 0) resolve(crowd);
  });
}

/** Those who never read: at the end of the crowd, and expected to be cut off. */
export function stallLast(crowd, count) {
  for (const subscriber of crowd.slice(crowd.length - count)) subscriber.stall();
}
