/** A server that stores what it is sent, the wire to it, and one publish queue before them: a model for tests. */
import type { ClientError, Receipt } from '../src/index.ts';
import { type PublishingRules, type PublishOptions, PublishQueue } from '../src/publish-queue.ts';
import { FakePlatform } from './fake-platform.ts';

/** One call of publish, and what became of it. */
export interface Call {
  readonly number: number;
  readonly channel: string;
  readonly stop: AbortController;
  settled: { readonly receipt: Receipt } | { readonly error: ClientError } | undefined;
  times: number;
}

interface Sent {
  readonly id: number;
  readonly channel: string;
  readonly data: number;
  readonly idempotencyKey: string;
}

type Answer = Parameters<PublishQueue['answer']>[0];

export class PublishWorld {
  readonly platform: FakePlatform = new FakePlatform();
  readonly calls: Call[] = [];
  /** What the server stored, by channel: numbers of calls, in order. */
  readonly stored: Map<string, number[]> = new Map();
  readonly queue: PublishQueue;
  /** On their way to the server, and back. Both are lost when the wire is cut. */
  onTheWay: Sent[] = [];
  answers: Answer[] = [];
  quiets = 0;
  #online = false;
  readonly #positions = new Map<string, number>();

  constructor(rules: PublishingRules) {
    this.queue = new PublishQueue(this.platform, rules, {
      send: ({ text }) => {
        if (this.#online) this.onTheWay.push(JSON.parse(text));
        return this.#online;
      },
      quiet: () => {
        this.quiets += 1;
      },
    });
  }

  get waiting(): readonly Call[] {
    return this.calls.filter(({ settled }) => settled === undefined);
  }

  publish(channel: string, options: PublishOptions = {}): Call {
    const number = this.calls.length;
    const call: Call = { number, channel, stop: new AbortController(), settled: undefined, times: 0 };
    this.calls.push(call);
    const settle = (settled: Call['settled']): void => {
      call.settled = settled;
      call.times += 1;
    };
    this.queue.publish({ channel, event: 'added', data: number, signal: call.stop.signal, ...options }).then(
      (receipt) => settle({ receipt }),
      (error: ClientError) => settle({ error }),
    );
    return call;
  }

  connect(): void {
    this.#online = true;
    this.queue.flush();
  }

  /** Nobody knows how much of what was on its way arrived: the server took so many. */
  cut(arrived = 0): void {
    for (let taken = 0; taken < arrived; taken += 1) this.take();
    this.#online = false;
    this.onTheWay = [];
    this.answers = [];
  }

  /** The server takes the next command, and stores it once. */
  take(): void {
    const sent = this.onTheWay.shift();
    if (sent === undefined) return;
    const known = this.#positions.get(sent.idempotencyKey);
    const numbers = this.stored.get(sent.channel) ?? [];
    const offset = known ?? numbers.length + 1;
    if (known === undefined) {
      this.#positions.set(sent.idempotencyKey, offset);
      this.stored.set(sent.channel, [...numbers, sent.data]);
    }
    const position = `e.${offset.toString(36)}`;
    this.answers.push({
      type: 'published',
      id: sent.id,
      position,
      duplicate: known !== undefined,
      ack: 'committed',
    });
  }

  /** The server says no to the next command. */
  refuse(retry: boolean): void {
    const sent = this.onTheWay.shift();
    if (sent === undefined) return;
    const code = retry ? 'RATE_LIMITED' : 'PAYLOAD_INVALID';
    this.answers.push({ type: 'error', id: sent.id, code, message: 'no', retry });
  }

  /** The client hears the next answer. */
  hear(): void {
    const answer = this.answers.shift();
    if (answer !== undefined) this.queue.answer(answer);
  }

  /** Everything that is on its way arrives, and is answered and heard. */
  async settle(): Promise<void> {
    while (this.onTheWay.length > 0 || this.answers.length > 0) {
      this.take();
      this.hear();
      await told();
    }
    await told();
  }
}

/** Lets what was settled be told: promises only, no clock. */
export async function told(): Promise<void> {
  for (let turns = 0; turns < 4; turns += 1) await Promise.resolve();
}
