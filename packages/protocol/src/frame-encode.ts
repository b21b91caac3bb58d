/** Frames as JSON text: the same on SSE (`data:`) and on WebSocket [PROTOCOL §5]. */
import type { ClientFrame, ServerFrame } from './frames.ts';

/** An event whose payload is JSON already. */
export interface EventJson {
  readonly channel: string;
  readonly event: string;
  /** Embedded as it is: the payload was serialised once, at the publish. Must be JSON. */
  readonly dataJson: string;
  /** '' on everything but keyed state channels. */
  readonly key: string;
  readonly position?: string;
}

/** An event frame around a payload that is JSON already [§5.3]. */
export function encodeEventJson(event: EventJson): string {
  const key = event.key === '' ? '' : `,"key":${JSON.stringify(event.key)}`;
  const position = event.position === undefined ? '' : `,"position":${JSON.stringify(event.position)}`;
  const names = `"channel":${JSON.stringify(event.channel)},"event":${JSON.stringify(event.event)}`;
  return `{"type":"event",${names}${key}${position},"data":${event.dataJson}}`;
}

/** The text of a frame. A payload that JSON does not know becomes `null`. @throws what `JSON.stringify` throws on a cycle */
export function encodeFrame(frame: ServerFrame | ClientFrame): string {
  if (frame.type !== 'event') return JSON.stringify(frame);
  // JSON has no undefined: stringify answers it with undefined, which is no text.
  const dataJson: string = JSON.stringify(frame.data) ?? 'null';
  return encodeEventJson({ ...frame, key: frame.key ?? '', dataJson });
}

/** The `event:` of a frame on SSE [§6.2]: pages listen for `recovered` and `lost` without reading the data. */
export function sseEventName(frame: ServerFrame): string {
  if (frame.type === 'event') return frame.event;
  if (frame.type !== 'subscribed' || frame.recovered === undefined) return frame.type;
  return frame.recovered ? 'recovered' : 'lost';
}
