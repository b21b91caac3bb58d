/** The far end of a client's stream, in memory: answers its fetch with Server-Sent Events that the test sends. */
import { type Client, createClient } from '@fanfare/client';
import { encodeFrame, encodeSseEvent, type ServerFrame, sseEventName } from '@fanfare/protocol';

export type Shapes = {
  'court:{pin}': { kind: 'state'; value: { points: number } };
  'chat:{room}': { kind: 'log'; events: { said: string; left: { who: string } } };
  'typing:{room}': { kind: 'signal'; events: { typing: string } };
};

export class LiveServer {
  /** Channels of every stream that was asked for, oldest first. */
  readonly asked: string[][] = [];
  readonly client: Client<Shapes>;
  #stream: ReadableStreamDefaultController<Uint8Array> | undefined;
  #offset = 0;

  constructor() {
    this.client = createClient<Shapes>({ url: 'http://live.test', fetch: (input) => this.#open(String(input)) });
  }

  /** The value of a state channel, as the next event. */
  set(channel: string, points: number): void {
    this.#send(this.#event(channel, 'state', { points }));
  }

  publish(channel: string, event: string, data: unknown): void {
    this.#send(this.#event(channel, event, data));
  }

  /** Breaks the stream off. */
  cut(): void {
    this.#stream?.error(new TypeError('cut'));
    this.#stream = undefined;
  }

  #open(address: string): Promise<Response> {
    const channels = new URL(address).searchParams.getAll('channel');
    this.asked.push(channels);
    const body = new ReadableStream<Uint8Array>({
      start: (stream) => {
        this.#stream = stream;
      },
    });
    this.#send({ type: 'connected', connection: 'c1', heartbeatMs: 25_000 });
    for (const channel of channels) {
      const kind = channel.startsWith('court') ? 'state' : channel.startsWith('chat') ? 'log' : 'signal';
      this.#send({ type: 'subscribed', channel, kind, ...(kind === 'signal' ? {} : { position: this.#position() }) });
    }
    return Promise.resolve(new Response(body, { headers: { 'content-type': 'text/event-stream' } }));
  }

  #event(channel: string, event: string, data: unknown): ServerFrame {
    this.#offset += 1;
    return { type: 'event', channel, event, data, position: this.#position() };
  }

  #position(): string {
    return `e.${this.#offset.toString(36)}`;
  }

  #send(frame: ServerFrame): void {
    const block = encodeSseEvent({ event: sseEventName(frame), data: encodeFrame(frame) });
    this.#stream?.enqueue(new TextEncoder().encode(block));
  }
}
