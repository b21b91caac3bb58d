/**
 * W publishes in flight: the next begins when one is answered and all its subscribers have it. Says how much a server
 * delivers at its best, and what a delivery costs it.
 */
import { openCrowd } from './crowd.mjs';
import { Histogram } from './histogram.mjs';
import { nowUs } from './payload.mjs';
import { Publisher } from './publisher.mjs';
import { cpuUs } from './server-usage.mjs';

const WARM_PUBLISHES = 8000;
const WARM_DELIVERIES = 60_000;
const MOST_WARMUP_MS = 5000;
/** Where every channel is published to in the warm-up. */
const MOST_KNOWING_MS = 30_000;
/** From one channel to the next, in one round through all of them: large primes, so that neighbours never follow each other. */
const STEPS = [7919, 12_347, 17_393, 3331, 9001];

export async function closedLoop(job, fail) {
  const run = new ClosedLoop(job, fail);
  const crowd = await openCrowd(job, (stamps) => run.delivered(stamps));
  const result = await run.measure();
  for (const subscriber of crowd) subscriber.end();
  return result;
}

class ClosedLoop {
  #job;
  #publishers = [];
  #fail;
  #perPublish;
  #perChannel;
  /** Deliveries (and the answer) that a publish still waits for, by number. */
  #missing = new Map();
  /** Whose publish is over since the loop began this turn. */
  #free = [];
  #sequence = 0;
  #deliveries = 0;
  #publishes = 0;
  #surplus = 0;
  #latency = new Histogram();
  /** From the request to its answer: how long a publisher waits. */
  #answer = new Histogram();
  #running = true;

  constructor(job, fail) {
    const { publish, subscribers, channels = 1 } = job;
    this.#job = job;
    this.#perPublish = publish.batch ?? 1;
    this.#perChannel = subscribers / channels;
    this.#fail = fail;
  }

  /** What one subscriber read at once arrived at once. */
  delivered({ sequences, timesUs, count }) {
    const now = nowUs();
    this.#deliveries += count;
    for (let index = 0; index < count; index += 1) {
      this.#latency.add(now - timesUs[index]);
      this.#settle(sequences[index]);
    }
  }

  async measure() {
    const { publish, payloadBytes, inFlight, warmupMs, durationMs, serverPids } = this.#job;
    this.#publishers = Array.from({ length: inFlight }, () => new Publisher(publish, payloadBytes, this.#fail));
    for (const publisher of this.#publishers) this.#next(publisher);
    await this.#warm(warmupMs);
    this.#latency.clear();
    this.#answer.clear();
    const before = this.#counts();
    const cpuBefore = cpuUs(serverPids);
    const startedAt = performance.now();
    await sleep(durationMs);
    const seconds = (performance.now() - startedAt) / 1000;
    const cpu = cpuUs(serverPids) - cpuBefore;
    const after = this.#counts();
    this.#running = false;
    for (const publisher of this.#publishers) publisher.end();
    const deliveries = after.deliveries - before.deliveries;
    const events = (after.publishes - before.publishes) * this.#perPublish;
    return {
      deliveriesPerSecond: deliveries / seconds,
      eventsPerSecond: events / seconds,
      cpuUsPerDelivery: deliveries === 0 ? Number.NaN : cpu / deliveries,
      cpuUsPerEvent: cpu / events,
      usPerDelivery: deliveries === 0 ? Number.NaN : (seconds * 1e6) / deliveries,
      latencyMs: this.#latency.summary(),
      answerMs: this.#answer.summary(),
      surplus: this.#surplus,
    };
  }

  /** A busy machine takes longer until a server has compiled what it does often. */
  async #warm(leastMs) {
    const startedAt = performance.now();
    await sleep(leastMs);
    const { known = false, channels } = this.#job;
    while (performance.now() - startedAt < (known ? MOST_KNOWING_MS : MOST_WARMUP_MS)) {
      if (known) {
        if (this.#publishes > channels) return;
      } else if (this.#publishes > WARM_PUBLISHES || this.#deliveries > WARM_DELIVERIES) return;
      await sleep(50);
    }
  }

  #counts() {
    return { deliveries: this.#deliveries, publishes: this.#publishes };
  }

  /** What became possible in one turn of the loop is published together, after its reads. */
  #publish() {
    const free = this.#free;
    this.#free = [];
    for (const publisher of free) this.#next(publisher);
  }

  #next(publisher) {
    if (!this.#running) return;
    const sequence = this.#sequence;
    this.#sequence += 1;
    const { channels = 1, known = false } = this.#job;
    const step = known ? STEPS[Math.floor(sequence / channels) % STEPS.length] : 1;
    const channel = (sequence * step) % channels;
    this.#missing.set(sequence, { left: this.#perChannel + 1, publisher });
    const sentUs = nowUs();
    publisher.publish(channel, sequence, sentUs, () => {
      this.#answer.add(nowUs() - sentUs);
      this.#settle(sequence);
    });
  }

  #settle(sequence) {
    const waiting = this.#missing.get(sequence);
    if (waiting === undefined) {
      this.#surplus += 1;
      return;
    }
    waiting.left -= 1;
    if (waiting.left > 0) return;
    this.#missing.delete(sequence);
    this.#publishes += 1;
    if (this.#free.length === 0) setImmediate(() => this.#publish());
    this.#free.push(waiting.publisher);
  }
}

function sleep(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
