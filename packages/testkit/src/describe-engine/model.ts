/** Suite: an engine against a model that is a list per channel, under any sequence of operations. */

import type { AppendRequest, ReadOutcome, Retention, StoredEvent } from 'fanfare/internal';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { EngineFixture, type MakeEngine } from './fixture.ts';

const IDEMPOTENCY = { count: 4, ageMs: 3000 };
const RETENTIONS: Readonly<Record<string, Retention>> = {
  all: { kind: 'window' },
  few: { kind: 'window', count: 5 },
  brief: { kind: 'window', ageMs: 2000 },
  both: { kind: 'window', count: 7, ageMs: 4000 },
  state: { kind: 'newest' },
};

type Step =
  | { readonly kind: 'append'; readonly requests: readonly AppendRequest[] }
  | { readonly kind: 'read'; readonly channel: string; readonly back: number | undefined; readonly limit: number }
  | { readonly kind: 'wait'; readonly ms: number }
  | { readonly kind: 'reopen' };

export function describeModel(make: MakeEngine, durable: boolean): void {
  it('behaves as the model under any sequence of appends, reads, time and restarts', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(stepOf(durable), { maxLength: 40 }), async (steps) => {
        await using fixture = await EngineFixture.open(make, IDEMPOTENCY);
        const model = new Model((await fixture.engine.broker.head('all')).epoch);
        const followed = Object.keys(RETENTIONS).map((channel) => fixture.follow(channel));
        let reopened = false;
        for (const step of steps) {
          await expectStep(fixture, model, step);
          reopened ||= step.kind === 'reopen';
        }
        if (!reopened) expect(followed).toEqual(Object.keys(RETENTIONS).map((channel) => model.everAppended(channel)));
      }),
      { numRuns: durable ? 60 : 200 },
    );
  }, 60_000);
}

async function expectStep(fixture: EngineFixture, model: Model, step: Step): Promise<void> {
  const { broker } = fixture.engine;
  if (step.kind === 'wait') fixture.advance(step.ms);
  else if (step.kind === 'reopen') await fixture.reopen();
  else if (step.kind === 'append') {
    const answers = await Promise.all(step.requests.map((request) => broker.append(request)));
    const expected = step.requests.map((request) => model.append(request, fixture.now));
    expect(answers.map(({ position, duplicate }) => ({ position, duplicate }))).toEqual(expected);
  } else {
    const { back, channel, limit } = step;
    const head = model.head(channel);
    const after = back === undefined ? undefined : { ...head, offset: Math.max(0, head.offset - back) };
    const retention = RETENTIONS[channel] ?? { kind: 'window' };
    const outcome = await broker.read({ channel, retention, after, limit });
    expect(outcome).toEqual(model.read({ channel, retention, after: after?.offset, limit }, fixture.now));
  }
}

/** Nothing here is trimmed: what is kept is computed from the whole history at every read. */
class Model {
  readonly #epoch: string;
  readonly #history = new Map<string, StoredEvent[]>();
  readonly #keys: { readonly channel: string; readonly key: string; readonly offset: number; readonly time: number }[] =
    [];

  constructor(epoch: string) {
    this.#epoch = epoch;
  }

  append(
    request: AppendRequest,
    time: number,
  ): { readonly position: StoredEvent | object; readonly duplicate: boolean } {
    const { channel, dataJson, event, idempotencyKey, key } = request;
    const window = this.#keys.slice(-IDEMPOTENCY.count).filter((seen) => seen.time >= time - IDEMPOTENCY.ageMs);
    const first = window.find((seen) => seen.channel === channel && seen.key === idempotencyKey);
    if (first !== undefined) return { position: { epoch: this.#epoch, offset: first.offset }, duplicate: true };
    const history = this.everAppended(channel);
    const offset = history.length + 1;
    this.#history.set(channel, [...history, { channel, event, dataJson, key, epoch: this.#epoch, offset, time }]);
    if (idempotencyKey !== undefined) this.#keys.push({ channel, key: idempotencyKey, offset, time });
    return { position: { epoch: this.#epoch, offset }, duplicate: false };
  }

  everAppended(channel: string): readonly StoredEvent[] {
    return this.#history.get(channel) ?? [];
  }

  head(channel: string): { readonly epoch: string; readonly offset: number } {
    return { epoch: this.#epoch, offset: this.everAppended(channel).length };
  }

  read(
    at: { channel: string; retention: Retention; after: number | undefined; limit: number },
    now: number,
  ): ReadOutcome {
    const head = this.head(at.channel);
    const kept = keptOf(this.everAppended(at.channel), at.retention, now);
    const after = at.after ?? 0;
    const lost =
      at.after !== undefined && at.after < head.offset && at.after + 1 < (kept[0]?.offset ?? head.offset + 1);
    if (at.retention.kind === 'window' && lost) return { kind: 'gap', cause: 'trimmed', head };
    const events = kept.filter((event) => event.offset > after);
    return { kind: 'events', events: events.slice(0, at.limit), head, more: events.length > at.limit };
  }
}

function keptOf(history: readonly StoredEvent[], retention: Retention, now: number): readonly StoredEvent[] {
  if (retention.kind === 'newest') {
    return history.filter((event) => !history.some((other) => other.key === event.key && other.offset > event.offset));
  }
  const { ageMs = Number.POSITIVE_INFINITY, count = history.length } = retention;
  return history.slice(Math.max(0, history.length - count)).filter((event) => event.time >= now - ageMs);
}

function stepOf(durable: boolean): fc.Arbitrary<Step> {
  const channel = fc.constantFrom(...Object.keys(RETENTIONS));
  const request = fc
    .record({
      channel,
      event: fc.constantFrom('note', 'other'),
      dataJson: fc.json({ maxDepth: 1 }),
      stateKey: fc.constantFrom('', 'x', 'y', '∞'),
      idempotencyKey: fc.option(fc.constantFrom('k1', 'k2', 'k3'), { nil: undefined }),
    })
    .map(({ idempotencyKey, stateKey, ...rest }): AppendRequest => {
      const retention = RETENTIONS[rest.channel] ?? { kind: 'window' };
      const key = retention.kind === 'newest' ? stateKey : '';
      return { ...rest, key, retention, ...(idempotencyKey === undefined ? {} : { idempotencyKey }) };
    });
  const append = fc.record({
    kind: fc.constant('append'),
    requests: fc.array(request, { minLength: 1, maxLength: 12 }),
  });
  const back = fc.option(fc.nat({ max: 12 }), { nil: undefined });
  const read = fc.record({ kind: fc.constant('read'), channel, back, limit: fc.integer({ min: 1, max: 9 }) });
  const wait = fc.record({ kind: fc.constant('wait'), ms: fc.nat({ max: 2500 }) });
  const steps = [
    { arbitrary: append, weight: 5 },
    { arbitrary: read, weight: 5 },
    { arbitrary: wait, weight: 2 },
  ];
  return durable
    ? fc.oneof(...steps, { arbitrary: fc.record({ kind: fc.constant('reopen') }), weight: 1 })
    : fc.oneof(...steps);
}
