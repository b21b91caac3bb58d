// Half of the crowd of a reconnect storm, in a process of its own: clients as an application makes them, each on one channel.
import { createClient } from '@fanfare/client';

/** Connect together, group after group: the storm is to come later. */
const AT_ONCE = 25;
const { STORM_URL, STORM_CLIENTS, STORM_CHANNELS } = process.env;
/** In turns, and no others: a crowd that comes back by other ways costs its server something else. */
const WAYS = ['ws', 'sse'];

/** @typedef {{ kind: 'event', payload: string, position: string } | { kind: 'lost', cause: string }} Handed */

/** The event by which a client has what it missed. */
let watermark = '';

class Member {
  /** @type {Handed[]} */
  handed = [];
  wasAway = false;
  /** How long it meant to wait when it had lost its server, and when it meant to come by the attempt that got through. */
  firstWaitMs = 0;
  plannedAt = 0;
  /** When it was connected again, and when it had what it missed. */
  backAt = 0;
  recoveredAt = 0;

  constructor(index) {
    const transports = [WAYS[index % WAYS.length]];
    const client = createClient({ url: STORM_URL, transports, tabs: false, onError: () => undefined });
    this.channel = client.channel(`run:${Math.floor(index / WAYS.length) % Number(STORM_CHANNELS)}`);
    client.onConnection(({ status, retryAt }) => {
      if (status === 'reconnecting') this.plan(retryAt);
      else if (this.wasAway && status === 'live') this.backAt ||= Date.now();
    });
  }

  /** `retryAt`: undefined while it tries. */
  plan(retryAt) {
    if (retryAt !== undefined && this.backAt === 0) this.plannedAt = retryAt;
    if (!this.wasAway) this.firstWaitMs = this.plannedAt - Date.now();
    this.wasAway = true;
  }

  get isThere() {
    return this.channel.subscription.status === 'subscribed';
  }

  wasHanded(payload) {
    return this.handed.some((one) => one.payload === payload);
  }

  listen() {
    this.channel.on('n', (payload, { position }) => {
      this.handed.push({ kind: 'event', payload, position });
      if (payload === watermark) this.recoveredAt ||= Date.now();
    });
    this.channel.onLost(({ cause }) => this.handed.push({ kind: 'lost', cause }));
  }
}

const members = Array.from({ length: Number(STORM_CLIENTS) }, (_, index) => new Member(index));

const tasks = {
  async connect() {
    for (let from = 0; from < members.length; from += AT_ONCE) {
      const some = members.slice(from, from + AT_ONCE);
      for (const member of some) member.listen();
      await until(() => some.every(({ isThere }) => isThere));
    }
  },
  watch(payload) {
    watermark = payload;
    for (const member of members) {
      Object.assign(member, { wasAway: false, firstWaitMs: 0, plannedAt: 0, backAt: 0, recoveredAt: 0 });
    }
  },
  async recovered() {
    await until(() => members.every(({ backAt, recoveredAt }) => backAt > 0 && recoveredAt > 0));
    return members.map(({ firstWaitMs, plannedAt, backAt, recoveredAt }) => ({
      ...{ firstWaitMs, plannedAt, backAt, recoveredAt },
    }));
  },
  async ended(last) {
    // Not as the newest: a publish that was given up unanswered may be stored behind it.
    await until(() => members.every((member) => member.wasHanded(last[member.channel.name])));
  },
  record() {
    return members.map(({ channel, handed }) => ({ channel: channel.name, handed }));
  },
};

async function until(fact) {
  while (!fact()) await new Promise((resolve) => setTimeout(resolve, 20));
}

process.on('message', async ({ task, argument }) => {
  process.send({ task, answer: await tasks[task](argument) });
});
