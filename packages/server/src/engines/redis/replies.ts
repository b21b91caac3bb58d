/** What the scripts answer, read: Redis gives numbers, texts and lists of them. */
import { type Appended, EngineUnavailable, type ReadOutcome, type StoredEvent } from '../../core/ports/broker.ts';
import { parseEntry } from './event-entry.ts';
import type { MissedPage } from './feed.ts';

export function parseHead(reply: unknown): { readonly epoch: string; readonly offset: number } {
  const [epoch, offset] = list(reply);
  return { epoch: text(epoch), offset: number(offset) };
}

export function parseAppended(reply: unknown): Omit<Appended, 'ack'> & { readonly time: number } {
  const [epoch, offset, time, duplicate] = list(reply);
  return {
    position: { epoch: text(epoch), offset: number(offset) },
    time: number(time),
    duplicate: number(duplicate) === 1,
  };
}

export function parseRead(
  channel: string,
  reply: unknown,
): { readonly head: ReadOutcome['head']; readonly oldest: number; readonly events: StoredEvent[] } {
  const [epoch, offset, oldest, entries] = list(reply);
  const head = { epoch: text(epoch), offset: number(offset) };
  return { head, oldest: number(oldest), events: parseEntries({ channel, epoch: head.epoch }, entries) };
}

export function parseMissed(channel: string, reply: unknown): MissedPage {
  const [epoch, head, after, more, entries] = list(reply);
  return {
    epoch: text(epoch),
    head: number(head),
    after: number(after),
    more: number(more) === 1,
    events: parseEntries({ channel, epoch: text(epoch) }, entries),
  };
}

/** `entries`: offset, entry, offset, entry, ... */
function parseEntries(place: { readonly channel: string; readonly epoch: string }, entries: unknown): StoredEvent[] {
  const flat = list(entries);
  const events: StoredEvent[] = [];
  for (let at = 0; at < flat.length; at += 2) {
    const event = parseEntry(text(flat[at + 1]), { offset: Number(text(flat[at])), ...place });
    if (event === undefined) throw damaged();
    events.push(event);
  }
  return events;
}

function list(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw damaged();
  return value;
}

function text(value: unknown): string {
  if (typeof value !== 'string') throw damaged();
  return value;
}

function number(value: unknown): number {
  if (typeof value !== 'number') throw damaged();
  return value;
}

function damaged(): EngineUnavailable {
  return new EngineUnavailable('Redis holds what the redis engine did not write.');
}
