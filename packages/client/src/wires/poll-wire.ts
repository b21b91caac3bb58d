/** Long polling: a request that the server answers when there is something to tell; for where nothing else gets through. */
import { TRANSPORTS, type TransportName } from '@fanfare/protocol';
import type { Command } from '../link.ts';
import type { Off } from '../listeners.ts';
import { checkFrame } from '../read-frame.ts';
import type { Transport, Wire, WireEnd, WireOptions } from '../wire.ts';
import { addChannels, ask, endOf, endOfFault, fieldsOf } from './http-end.ts';
import { Uplink } from './uplink.ts';

export const poll: Transport = {
  name: 'poll',
  live: false,
  available: () => true,
  open: (options) => new PollWire(options),
};

const WAIT_S = 25;
/** An answer that is later than this will not come. */
const LATE_MS = 10_000;
/** A busy channel is read in pieces, not event by event. */
const PACE_MS = 100;
const MAX_URL_LENGTH = 12_000;

class PollWire implements Wire {
  readonly #options: WireOptions;
  readonly #abort = new AbortController();
  readonly #uplink: Uplink;
  /** Ends the request that waits, or the pause before the next. */
  #interrupt: Off | undefined;
  /** Channels of the request that waits. */
  #asked: ReadonlySet<string> = new Set();
  /** Channels whose subscription was told to the host. */
  #told: Set<string> = new Set();
  #connection: string | undefined;
  #transports = '';
  /** The next request must not wait: channels came or went since the last. */
  #hurry = true;

  constructor(options: WireOptions) {
    this.#options = options;
    // Between two polls the server has no connection.
    const { signal } = this.#abort;
    this.#uplink = new Uplink(options, { signal, isFitful: true, fail: (end) => this.#finish(end) });
    this.#run().catch((error: unknown) => this.#finish(endOfFault(error)));
  }

  sync(again: readonly string[]): void {
    const wanted = this.#options.host.wanted();
    this.#told = new Set([...this.#told].filter((channel) => wanted.includes(channel) && !again.includes(channel)));
    const isSame = wanted.length === this.#asked.size && wanted.every((channel) => this.#asked.has(channel));
    // A poll that waits is worth keeping: signals between two polls are lost.
    if (isSame && again.length === 0) return;
    this.#hurry = true;
    this.#interrupt?.();
  }

  command(command: Command): void {
    this.#uplink.send(command);
  }

  close(): void {
    this.#abort.abort();
    this.#interrupt?.();
  }

  #finish(end: WireEnd): void {
    if (this.#abort.signal.aborted) return;
    this.close();
    this.#options.host.ended(end);
  }

  async #run(): Promise<void> {
    const { platform, token: askToken } = this.#options;
    const token = await askToken();
    while (!this.#abort.signal.aborted) {
      const startedAt = platform.now();
      const end = await this.#pollOnce(token);
      if (end !== undefined) this.#finish(end);
      const restMs = PACE_MS - (platform.now() - startedAt);
      if (restMs > 0 && !this.#hurry) await this.#rest(restMs);
    }
  }

  #rest(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const cancel = this.#options.platform.after(ms, resolve);
      this.#interrupt = () => {
        cancel();
        resolve();
      };
    });
  }

  /** undefined: go on. */
  async #pollOnce(token: string | undefined): Promise<WireEnd | undefined> {
    const { base, host, platform } = this.#options;
    const url = new URL('poll', base);
    const waitS = this.#hurry ? 0 : WAIT_S;
    this.#hurry = false;
    url.searchParams.set('wait', String(waitS));
    if (this.#connection !== undefined) url.searchParams.set('connection', this.#connection);
    const asked = addChannels(url, host, MAX_URL_LENGTH);
    this.#asked = asked;
    const stop = new AbortController();
    this.#interrupt = () => stop.abort();
    const cancel = platform.after(waitS * 1000 + LATE_MS, () => stop.abort());
    const askedAt = platform.now();
    try {
      const response = await ask(this.#options, url, { signal: stop.signal, token });
      const answer = response.status === 200 ? fieldsOf(await response.json()) : undefined;
      if (this.#abort.signal.aborted || this.#isInterrupted(stop)) return undefined;
      if (answer === undefined) return await endOf(response, platform);
      if (waitS === 0) host.opened(platform.now() - askedAt);
      this.#tell(answer, asked, token);
      return undefined;
    } catch (error) {
      if (this.#isInterrupted(stop)) return undefined;
      throw error;
    } finally {
      cancel();
    }
  }

  /** By us, because other channels are wanted; not by a server that is late. */
  #isInterrupted(stop: AbortController): boolean {
    return stop.signal.aborted && this.#hurry;
  }

  #tell(answer: Readonly<Record<string, unknown>>, asked: ReadonlySet<string>, token: string | undefined): void {
    const { host } = this.#options;
    const allowed: readonly TransportName[] = Array.isArray(answer['transports']) ? answer['transports'] : TRANSPORTS;
    const isFirst = this.#connection === undefined;
    this.#connection = String(answer['connection'] ?? '');
    if (isFirst) host.frame({ type: 'connected', connection: this.#connection, heartbeatMs: WAIT_S * 1000 });
    if (allowed.join() !== this.#transports) host.frame({ type: 'transports', transports: allowed });
    this.#transports = allowed.join();
    if (this.#connection !== '') this.#uplink.open(this.#connection, token);
    const news = [answer['subscriptions'], answer['events']].flatMap((list) => (Array.isArray(list) ? list : []));
    for (const text of news) {
      const frame = checkFrame(text);
      if (this.#abort.signal.aborted) return;
      if (typeof frame === 'string') host.unreadable(frame);
      else if (frame.type !== 'subscribed' || frame.recovered === false || !this.#told.has(frame.channel))
        host.frame(frame);
      if (typeof frame === 'object' && frame.type === 'subscribed') this.#told.add(frame.channel);
    }
    this.#told = new Set([...this.#told].filter((channel) => asked.has(channel)));
    if (!this.#abort.signal.aborted) host.read();
  }
}
