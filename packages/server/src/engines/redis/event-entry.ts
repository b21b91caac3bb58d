/**
 * Events as text. Kept: `time LF ["event","key"] LF data`. Over Pub/Sub: `offset SP epoch SP` and the same. The head is short
 * and comes first, so that an event which is known already costs no parsing.
 */
import type { StoredEvent } from '../../core/ports/broker.ts';

/** What is known of an event before its content is looked at. */
export interface LiveHead {
  /** 0: a signal; `epoch` then names the server that sent it. */
  readonly offset: number;
  readonly epoch: string;
}

/** Everything of an entry but its time, which Redis puts before it. */
export function entryBody(event: { readonly event: string; readonly key: string; readonly dataJson: string }): string {
  return `${JSON.stringify([event.event, event.key])}\n${event.dataJson}`;
}

/** undefined: this engine did not write it. */
export function parseEntry(
  entry: string,
  place: { readonly channel: string; readonly epoch: string; readonly offset: number },
): StoredEvent | undefined {
  const timeEnd = entry.indexOf('\n');
  const bodyStart = entry.indexOf('\n', timeEnd + 1) + 1;
  const time = Number(entry.slice(0, timeEnd));
  const names = timeEnd > 0 && bodyStart > 0 ? parseNames(entry.slice(timeEnd + 1, bodyStart - 1)) : undefined;
  if (names === undefined || !Number.isSafeInteger(time)) return undefined;
  return { dataJson: entry.slice(bodyStart), time, ...place, ...names };
}

function parseNames(json: string): { readonly event: string; readonly key: string } | undefined {
  try {
    const [event, key]: readonly unknown[] = JSON.parse(json);
    return typeof event === 'string' && typeof key === 'string' ? { event, key } : undefined;
  } catch {
    return undefined;
  }
}

export function liveMessage(head: LiveHead, entry: string): string {
  return `${head.offset} ${head.epoch} ${entry}`;
}

/** undefined: nothing that this engine sent. */
export function parseLive(message: string): { readonly head: LiveHead; readonly entry: string } | undefined {
  const offsetEnd = message.indexOf(' ');
  const epochEnd = message.indexOf(' ', offsetEnd + 1);
  const offset = Number(message.slice(0, offsetEnd));
  if (offsetEnd < 1 || epochEnd < 0 || !Number.isSafeInteger(offset)) return undefined;
  return { head: { offset, epoch: message.slice(offsetEnd + 1, epochEnd) }, entry: message.slice(epochEnd + 1) };
}
