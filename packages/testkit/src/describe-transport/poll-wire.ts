/** Long polling, with the uplink beside, as a wire of the behaviour suite: the frames of all answers, one after the other. */
import { type ClientFrame, decodeServerFrame, type ServerFrame } from '@fanfare/protocol';
import { vi } from 'vitest';
import { sendUplink, sendUplinks, type Uplink } from './uplink.ts';
import { type ConnectWire, channelOf, WAIT, type WireClient, type WireOptions } from './wire-client.ts';

export const connectPoll: ConnectWire = async (options) => {
  const client = new PollClient(options);
  await vi.waitUntil(() => client.frames.length > 0 || client.closed, WAIT);
  return client;
};

class PollClient implements WireClient {
  readonly transport = 'poll';
  readonly frames: ServerFrame[] = [];
  closed = false;
  closeCode = 1006;
  readonly #options: WireOptions;
  /** Where it stands in each channel; '': nowhere yet. */
  readonly #positions = new Map<string, string>();
  #connection = '';
  #abort = new AbortController();
  #reading: Promise<void> = Promise.resolve();
  #goOn: () => void = () => {};

  constructor(options: WireOptions) {
    this.#options = options;
    for (const begin of options.channels) {
      this.#positions.set(channelOf(begin), typeof begin === 'string' ? '' : begin[1]);
    }
    void this.#loop();
  }

  async command(frame: ClientFrame | object): Promise<ServerFrame> {
    const answer = await sendUplink(this.#uplink(), frame);
    // The next poll has the channels of its own URL: what a command changed is ours to keep.
    if (answer.type === 'subscribed' || answer.type === 'unsubscribed') this.#take(answer);
    return answer;
  }

  commands(frames: readonly ClientFrame[]): Promise<readonly ServerFrame[]> {
    return sendUplinks(this.#uplink(), frames);
  }

  pause(): void {
    this.#reading = new Promise((resolve) => {
      this.#goOn = resolve;
    });
  }

  resume(): void {
    this.#goOn();
  }

  cut(): void {
    this.#abort.abort();
  }

  [Symbol.dispose](): void {
    this.cut();
  }

  #uplink(): Uplink {
    const { port, token } = this.#options;
    return { port, token, connection: () => this.#connection || 'none' };
  }

  async #loop(): Promise<void> {
    try {
      while (!this.#abort.signal.aborted) {
        await this.#reading;
        await this.#poll();
      }
    } catch {
      // Cut, or refused: the frames tell.
    }
    this.closed = true;
  }

  async #poll(): Promise<void> {
    const { port, token } = this.#options;
    const channels = Array.from(this.#positions, ([name, at]) => `channel=${name}${at === '' ? '' : `@${at}`}`);
    const isFirst = this.#connection === '';
    const rest = isFirst ? '' : `&wait=25&connection=${this.#connection}`;
    const response = await fetch(`http://127.0.0.1:${port}/live/poll?${channels.join('&')}${rest}`, {
      headers: token === undefined ? {} : { Authorization: `Bearer ${token}` },
      signal: this.#abort.signal,
    });
    const body = await response.json();
    if (response.status !== 200) {
      const { code, message, details } = body.error;
      this.closeCode = details?.close ?? 1006;
      this.#read({ type: 'error', code, message, ...(details && { details }) });
      throw new Error(code);
    }
    this.#connection = body.connection;
    if (isFirst) this.#read({ type: 'connected', connection: body.connection, heartbeatMs: 25_000 });
    if (body.transports !== undefined) this.#read({ type: 'transports', transports: body.transports });
    for (const frame of [...body.subscriptions, ...body.events]) this.#read(frame);
  }

  #read(frame: unknown): void {
    const decoded = decodeServerFrame(JSON.stringify(frame));
    if (!decoded.ok) throw new Error(`not a frame: ${JSON.stringify(frame)}`);
    this.#take(decoded.value);
  }

  /** Every answer tells of all subscriptions again: only what is new is a frame of its own. */
  #take(frame: ServerFrame): void {
    if (frame.type === 'subscribed') {
      const isKnown = this.frames.some((known) => known.type === 'subscribed' && known.channel === frame.channel);
      if (isKnown && frame.recovered !== false) return;
      this.#positions.set(frame.channel, frame.position ?? '');
    } else if (frame.type === 'unsubscribed') this.#positions.delete(frame.channel);
    else if (frame.type === 'event' && frame.position !== undefined && this.#positions.has(frame.channel)) {
      this.#positions.set(frame.channel, frame.position);
    }
    this.frames.push(frame);
  }
}
