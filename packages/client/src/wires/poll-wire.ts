/** Long polling: requests that the server answers when there is something to tell; for where nothing else gets through. */
import { type ServerFrame, TRANSPORTS, type TransportName } from '@fanfare/protocol';
import { because } from '../connection-phase.ts';
import type { Off } from '../listeners.ts';
import type { Transport, WireEnd, WireOptions } from '../wire.ts';
import { addFitting } from './fitting-channels.ts';
import { ask, endAs, endOf } from './http-end.ts';
import { type Uplink, uplink } from './uplink.ts';

/** Other channels are another poll, as they would be for a stream. */
export const poll: Transport = {
  name: 'poll',
  live: false,
  open(options) {
    const commands = uplink(options, (end) => options.tell({ ...end, type: 'ended' }));
    endAs(options, pollOn(options, commands));
    return { command: (command) => commands.send(command) };
  },
};

const WAIT_S = 25;
/** An answer that is later than this will not come. */
const LATE_MS = 10_000;
/** A busy channel is read in pieces, not event by event. */
const PACE_MS = 100;
const MAX_URL_LENGTH = 12_000;

/** [PROTOCOL §15.2] */
interface PollAnswer {
  readonly connection?: string;
  readonly transports?: readonly TransportName[];
  readonly subscriptions?: readonly ServerFrame[];
  readonly events?: readonly ServerFrame[];
}

async function pollOn(options: WireOptions, commands: Uplink): Promise<WireEnd> {
  const { base, platform, signal, tell } = options;
  const token = await options.token();
  let cancel: Off | undefined;
  signal.addEventListener('abort', () => cancel?.());
  for (let id: string | undefined; ; ) {
    signal.throwIfAborted();
    const startedAt = platform.now();
    // The first brings what was missed, and that there is a connection.
    const isFirst = id === undefined;
    const waitS = isFirst ? 0 : WAIT_S;
    const url = new URL(`poll?wait=${waitS}`, base);
    if (id) url.searchParams.set('connection', id);
    addFitting(url, options, MAX_URL_LENGTH);
    cancel = platform.after(waitS * 1000 + LATE_MS, () => tell({ type: 'ended', reason: because('NETWORK') }));
    const response = await ask(options, url, token);
    if (response.status !== 200) return endOf(response, platform);
    const answer: PollAnswer = await response.json();
    cancel();
    const { connection = '', transports = TRANSPORTS, subscriptions = [], events = [] } = answer;
    id = connection;
    if (isFirst) tell({ type: 'connected', connection, heartbeatMs: WAIT_S * 1000 });
    tell({ type: 'transports', transports });
    commands.open(id, token);
    for (const frame of [...subscriptions, ...events]) {
      // Every answer has the subscriptions, and only a loss is news after the first.
      if (isFirst || frame.type !== 'subscribed' || frame.recovered === false) tell(frame);
    }
    tell({ type: 'read' });
    await new Promise<void>((resolve) => {
      cancel = platform.after(Math.max(0, PACE_MS - (platform.now() - startedAt)), resolve);
    });
  }
}
