/** Reads what an engine keeps of a channel: a page of history, or the current value. */
import { decodePosition, encodePosition, type GapCause, type Position } from '@fanfare/protocol';
import type { Hub, StoredEvent } from '../core/index.ts';
import { errorOf, FanfareError, unavailableAsError } from './fanfare-error.ts';
import type { OpenChannels } from './open-channels.ts';

/** Which part of a channel's history. */
export interface HistoryRange {
  /** Position of the last event already known. @default from the oldest kept */
  readonly after?: string | undefined;
  /** 1..1000. @default 100 */
  readonly limit?: number | undefined;
}

/** An event as it was kept. */
export interface HistoryEvent {
  readonly event: string;
  readonly data: unknown;
  /** On keyed state channels. */
  readonly key?: string;
  /** Give it as `after` to go on behind this event. */
  readonly position: string;
  /** Wall clock at the publish, milliseconds. */
  readonly time: number;
}

/** Never partial: the events after the position, contiguous, or a gap with its cause. `head`: the channel's newest position. */
export type HistoryPage<E = HistoryEvent> =
  | { readonly kind: 'events'; readonly events: readonly E[]; readonly head: string; readonly more: boolean }
  | { readonly kind: 'gap'; readonly cause: GapCause; readonly head: string };

const MAX_HISTORY_LIMIT = 1000;
const DEFAULT_HISTORY_LIMIT = 100;

export class ChannelReader {
  readonly #channels: OpenChannels;
  readonly #hub: Hub;

  constructor(channels: OpenChannels, hub: Hub) {
    this.#channels = channels;
    this.#hub = hub;
  }

  /** Rejects with a FanfareError: unknown channel, a signal channel, a position or a limit that makes no sense. */
  async history(channel: string, range: HistoryRange = {}): Promise<HistoryPage> {
    const { limit = DEFAULT_HISTORY_LIMIT } = range;
    if (this.#channels.definition(channel).kind === 'signal') {
      const details = { channel, expected: 'a log or state channel', got: 'signal' };
      throw new FanfareError('CHANNEL_KIND_MISMATCH', { details });
    }
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_HISTORY_LIMIT) {
      const details = { field: 'limit', expected: `1..${MAX_HISTORY_LIMIT}`, got: String(limit) };
      throw new FanfareError('LIMIT_INVALID', { details });
    }
    const after = range.after === undefined ? undefined : parseAfter(range.after);
    const outcome = await unavailableAsError(
      this.#hub.read({ channel, limit, ...(after === undefined ? {} : { after }) }),
    );
    const head = encodePosition(outcome.head);
    if (outcome.kind === 'gap') return { kind: 'gap', cause: outcome.cause, head };
    return { kind: 'events', events: outcome.events.map(historyEvent), head, more: outcome.more };
  }

  /** The newest value of a state channel; undefined: it was never set. */
  async value(channel: string, key = ''): Promise<unknown> {
    const definition = this.#channels.definition(channel);
    if (definition.kind !== 'state') {
      const details = { channel, expected: 'a state channel', got: definition.kind };
      throw new FanfareError('CHANNEL_KIND_MISMATCH', { details });
    }
    let after: Position | undefined;
    for (;;) {
      const range = { channel, limit: MAX_HISTORY_LIMIT, ...(after === undefined ? {} : { after }) };
      const page = await unavailableAsError(this.#hub.read(range));
      // History was replaced while we read it: its successor begins without values, or with new ones.
      if (page.kind === 'gap') after = undefined;
      const events = page.kind === 'gap' ? [] : page.events;
      const found = events.find((event) => event.key === key);
      if (found !== undefined) return JSON.parse(found.dataJson);
      const last = events.at(-1);
      if (page.kind === 'events' && (!page.more || last === undefined)) return undefined;
      if (last !== undefined) after = { epoch: last.epoch, offset: last.offset };
    }
  }
}

/** The details name the field as the caller wrote it. */
function parseAfter(text: string): Position {
  const position = decodePosition(text);
  if (!position.ok) throw errorOf({ ...position.problem, field: 'after' });
  return position.value;
}

function historyEvent(stored: StoredEvent): HistoryEvent {
  const { event, dataJson, key, epoch, offset, time } = stored;
  const position = encodePosition({ epoch, offset });
  return { event, data: JSON.parse(dataJson), ...(key === '' ? {} : { key }), position, time };
}
