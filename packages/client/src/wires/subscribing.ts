/** Keeps what a wire has subscribed equal to what is wanted: the commands for the difference, in order, and which answers count. */
import type { ErrorFrame } from '@fanfare/protocol';
import type { WireEvent, WireOptions } from '../wire.ts';

/** Above the ids of publishes. */
const FIRST_ID = 2 ** 40;

export interface Subscribing {
  /** From now on the wire can send; it was opened with these channels, from where they stand. */
  start(opened: Iterable<string>): void;
  sync(again: readonly string[]): void;
  /** Tells what came, but for what is about a subscription that was given up. */
  tell(event: WireEvent): void;
}

export function subscribing({ wanted, present, tell }: WireOptions, send: (text: string) => void): Subscribing {
  /** Asked for on this wire, and not given up; undefined: it cannot send yet. */
  let asked: Set<string> | undefined;
  /** Commands without an answer yet: what comes before it is of an earlier subscription of the channel. */
  const awaited = new Map<string, number>();
  let lastId = FIRST_ID;

  const sync = (again: readonly string[]): void => {
    // Until then nothing was asked for, or the request has the channels from where they stand.
    if (asked === undefined) return;
    const names = new Set(wanted());
    for (const channel of [...asked]) {
      if (names.has(channel) && !again.includes(channel)) continue;
      asked.delete(channel);
      send(JSON.stringify({ type: 'unsubscribe', channel }));
    }
    for (const channel of names) {
      if (asked.has(channel)) continue;
      asked.add(channel);
      lastId += 1;
      awaited.set(channel, lastId);
      // JSON leaves out what is undefined.
      send(JSON.stringify({ type: 'subscribe', id: lastId, channel, position: present(channel) }));
    }
  };

  return {
    sync,
    start(opened) {
      asked = new Set(opened);
      sync([]);
    },
    tell(event) {
      const id = 'id' in event ? event.id : undefined;
      if (id === undefined) {
        if (!('channel' in event && awaited.has(event.channel ?? ''))) tell(event);
        return;
      }
      // Of a publish.
      if (id < FIRST_ID) tell(event);
      for (const [channel, its] of awaited) {
        if (its !== id) continue;
        awaited.delete(channel);
        tell(event.type === 'error' ? refusal(event, channel) : event);
      }
    },
  };
}

/** Not every error names the channel of its command. */
function refusal({ id: _, ...frame }: ErrorFrame, channel: string): ErrorFrame {
  return { ...frame, channel };
}
