/** The delivery oracle over polling: wires cut at random, and yet nothing lost, nothing twice, nothing out of order. */
import { CLEAN, type FaultProxy, type Handed, judgeDelivery, type Published, startFaultProxy } from '@fanfare/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectNothingOpen, type LiveServer, type channels as map, startLive } from './live-fixture.ts';
import { type PollReply, poll } from './poll-fixture.ts';

const CHANNELS = ['log:a', 'log:b', 'log:c'] as const;
const PUBLISHERS = 3;
const EACH = 60;

/** Polls for ever, as a page would: takes an answer whole or not at all, and asks again from its cursor. */
class PollingPage {
  readonly handed = new Map<string, Handed[]>(CHANNELS.map((channel) => [channel, []]));
  readonly broken: unknown[] = [];
  answers = 0;
  readonly #query: string;
  readonly #ask: (query: string, signal: AbortSignal) => Promise<PollReply>;
  readonly #leave = new AbortController();
  #cursor = '';
  #connection = '';

  constructor(query: string, ask: (query: string, signal: AbortSignal) => Promise<PollReply>) {
    this.#query = query;
    this.#ask = ask;
  }

  /** Resolves once the page is told to leave. `begun`: it stands somewhere, so that it can miss something. */
  async run(begun: () => void): Promise<void> {
    while (!this.#leave.signal.aborted) {
      try {
        const place = `cursor=${this.#cursor}&connection=${this.#connection}&wait=${this.answers === 0 ? 0 : 20}`;
        this.#take(await this.#ask(`${this.#query}&${place}`, this.#leave.signal));
        begun();
      } catch (error) {
        this.broken.push(error);
      }
    }
  }

  leave(): void {
    this.#leave.abort();
  }

  #take(answer: PollReply): void {
    if (answer.status !== 200) throw new Error(answer.text);
    this.answers += 1;
    this.#cursor = answer.cursor;
    this.#connection = answer.connection;
    for (const { channel, cause } of answer.subscriptions) {
      if (cause !== undefined) this.handed.get(channel)?.push({ kind: 'lost', cause: String(cause) });
    }
    for (const { channel, data, position = '' } of answer.events) {
      this.handed.get(channel)?.push({ kind: 'event', payload: String(data), position });
    }
  }
}

type Acked = ReadonlyMap<string, Published[]>;

/** Publishes p<n>-1, p<n>-2, ... one after the other, on channels in turn. */
async function publishAll(running: LiveServer<typeof map>, name: string, acked: Acked): Promise<void> {
  for (let n = 1; n <= EACH; n += 1) {
    const channel = CHANNELS[n % CHANNELS.length] ?? 'log:a';
    const payload = `${name}-${n}`;
    const { position } = await running.live.channel(channel).publish('n', payload);
    acked.get(channel)?.push({ payload, outcome: 'acked', position });
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function handedTo(page: PollingPage): number {
  return [...page.handed.values()].reduce((sum, events) => sum + events.length, 0);
}

describe('polling under cuts', () => {
  it('loses, doubles and reorders nothing, whatever byte of an answer the wire is cut at', {
    timeout: 120_000,
  }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(3000), { minLength: 20, maxLength: 20 }), async (cuts) => {
        await using running = await startLive();
        await using proxy = await startFaultProxy({ targetPort: running.port });
        const through = { url: `http://127.0.0.1:${proxy.port}` };
        const query = CHANNELS.map((channel) => `channel=${channel}`).join('&');
        let at = 0;
        const ask = (place: string, signal: AbortSignal): Promise<PollReply> => {
          cutNext(proxy, cuts[at++]);
          return poll(through, place, { signal });
        };
        const pages = Array.from({ length: 3 }, () => new PollingPage(query, ask));
        const runs = pages.map((page) => {
          let begun = (): void => {};
          const stands = new Promise<void>((resolve) => {
            begun = resolve;
          });
          return { stands, ended: page.run(begun) };
        });
        await Promise.all(runs.map(({ stands }) => stands));

        const acked: Acked = new Map(CHANNELS.map((channel) => [channel, []]));
        await Promise.all(Array.from({ length: PUBLISHERS }, (_, n) => publishAll(running, `p${n}`, acked)));
        const all = () => pages.every((page) => handedTo(page) >= PUBLISHERS * EACH);
        await expect.poll(all, { timeout: 20_000 }).toBe(true);
        for (const page of pages) page.leave();
        await Promise.all(runs.map(({ ended }) => ended));

        for (const page of pages) {
          expect(handedTo(page)).toBe(PUBLISHERS * EACH);
          for (const channel of CHANNELS) {
            expect(judgeDelivery(acked.get(channel) ?? [], page.handed.get(channel) ?? [])).toEqual(CLEAN);
          }
        }
        expect(pages.some((page) => page.broken.length > 1)).toBe(true);
        await expectNothingOpen(running);
      }),
      { numRuns: 5 },
    );
  });
});

/** The wires that open from now on break after so many bytes of answers; the open ones at once, now and then. */
function cutNext(proxy: FaultProxy, bytes: number | undefined): void {
  proxy.cutAfter(bytes);
  if (bytes !== undefined && bytes % 5 === 0) proxy.cutAll();
}
