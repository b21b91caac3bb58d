/** An event as every wire carries it: one JSON frame around the payload as it was published [PROTOCOL §5.3]. */
import { encodeEventJson, encodePosition } from '@fanfare/protocol';
import type { StoredEvent } from '../core/index.ts';

export function eventJson(event: StoredEvent): string {
  const { channel, dataJson, key } = event;
  const position = positionOf(event);
  return encodeEventJson({ channel, event: event.event, dataJson, key, ...(position && { position }) });
}

/** Position of an event, as the wire writes it; undefined for signals, which have none. */
export function positionOf(event: StoredEvent): string | undefined {
  return event.offset === 0 ? undefined : encodePosition(event);
}
