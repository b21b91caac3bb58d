/** The page of the fault tests: follows one channel over the wires that its address names, and writes down what it sees. */
import { type ClientOptions, createClient } from '@fanfare/client';
import type { RecordEntry } from './record.ts';

const query = new URLSearchParams(location.search);
const record: RecordEntry[] = [];
let ticks = 0;
setInterval(() => {
  ticks += 1;
}, 50);

const options: Partial<ClientOptions> = JSON.parse(query.get('options') ?? '{}');
const token = query.get('token');
const client = createClient({
  ...options,
  ...(token === null ? {} : { token: () => token }),
  onError: ({ code, message }) => record.push({ atMs: now(), kind: 'error', code, message }),
});
client.onConnection(({ status, reason, ...state }) => {
  const transport = 'transport' in state && typeof state.transport === 'string' ? { transport: state.transport } : {};
  const because = reason === undefined ? {} : { reason: reason.code };
  record.push({ atMs: now(), kind: 'connection', status, ...transport, ...because });
});
const channel = client.channel(query.get('channel') ?? 'run:a');
channel.on('n', (data, { position }) =>
  record.push({ atMs: now(), kind: 'event', payload: String(data), position: position ?? '' }),
);
channel.onLost(({ cause }) => record.push({ atMs: now(), kind: 'lost', cause }));

window.harness = {
  record,
  get events() {
    return record.filter(({ kind }) => kind === 'event').length;
  },
  has: (payload) => record.some((entry) => entry.kind === 'event' && entry.payload === payload),
  get ticks() {
    return ticks;
  },
  get subscribed() {
    return channel.subscription.status === 'subscribed';
  },
  status: () => client.connection.status,
  close: () => client.close(),
};

/** Comparable with the clock of the test: both run on one machine. */
function now(): number {
  return Math.round(performance.timeOrigin + performance.now());
}
