/**
 * A system's own way to show hub channels on an SSE path: its event names, its payloads. Made once per kind of path, never
 * per connection, so that an event is framed once however many watch.
 */
import { type ControlFrame, encodeSseEnd, encodeSseRetry, encodeSseStart, type GapCause } from '@fanfare/protocol';
import type { ControlFacts, Encoding } from '../../core/index.ts';
import { positionOf } from '../event-json.ts';

/** One block on the stream. `event` must not hold CR, LF or NUL. */
export interface SseMessage {
  readonly event: string;
  readonly dataJson: string;
}

/** An event of a hub channel, as a view sees it. `dataJson` is serialised already: pass it on, or parse and reshape it. */
export interface ViewedEvent {
  readonly channel: string;
  readonly event: string;
  /** Which of many values, on keyed state channels; '' elsewhere. */
  readonly key: string;
  readonly dataJson: string;
  /** Counts the events of the channel from 1; 0: a signal. */
  readonly offset: number;
  /** Wall clock at the publish, milliseconds. */
  readonly time: number;
}

/** What a heartbeat may tell of the crowd. */
export interface StreamFacts {
  /** Open connections of the server. */
  readonly connections: number;
  /** Subscribers of the stream's first channel, this one included. */
  readonly subscribers: number;
}

/** What the first block of a stream may tell. */
export interface ConnectedFacts {
  /** Id of this connection, as lists of connections show it. */
  readonly connection: string;
  /** Open connections of the server, this one included. */
  readonly connections: number;
}

/** Why a stream ends, in its last block. */
export interface RefusalFacts {
  /** Stable, of the error catalogue. */
  readonly code: string;
  /** For people, in the language of the request. */
  readonly message: string;
  /** Whether to try again. */
  readonly retry: boolean;
}

type Shown = SseMessage | undefined;

/** Each function returns what the stream shows, or undefined to show nothing. Pure: its bytes go to every reader. */
export interface SseViewOptions {
  /** What lists of connections call these streams. */
  readonly name: string;
  event(event: ViewedEvent): Shown;
  /** A state's value, handed over first on every (re)connect. @default as `event`, and only where the client lacks it */
  snapshot?(event: ViewedEvent): Shown;
  /** First block of the stream. @default nothing */
  connected?(facts: ConnectedFacts): Shown;
  /** What was missed since the presented position is gone. @default nothing */
  lost?(facts: { readonly channel: string; readonly cause: GapCause }): Shown;
  /** Regular proof of life; its data must not be empty, or no EventSource shows it. @default nothing is sent */
  heartbeat?(facts: StreamFacts & { readonly time: number }): Shown;
  /** No room, or the server leaves; the stream ends after it. @default `error` {code, message, retry} */
  error?(refusal: RefusalFacts): Shown;
}

/** Made by `defineSseView`. */
export interface SseView {
  readonly name: string;
  readonly oneChannel: Encoding;
  readonly manyChannels: Encoding;
  /** A state's value is handed over on every connect. */
  readonly snapshots: boolean;
}

/** Makes the view of an SSE path. A function of it that throws, or names an event with CR, LF or NUL, shows its readers an `error` block instead. */
export function defineSseView(options: SseViewOptions): SseView {
  const { name, snapshot } = options;
  const control: Encoding['control'] = (frame, facts) => controlBytes(options, frame, facts);
  const encodingOf = (bytes: (show: (event: ViewedEvent) => Shown) => Encoding['event']): Encoding => ({
    name,
    event: bytes((event) => options.event(event)),
    ...(snapshot && { snapshot: bytes((event) => options.snapshot?.(event)) }),
    control,
  });
  const whole = encodingOf((show) => (event) => block(() => show(event), positionOf(event) ?? ''));
  const start = encodingOf((show) => (event) => opening(() => show(event)));
  return {
    name,
    oneChannel: whole,
    manyChannels: { ...start, trailer: (cursor) => Buffer.from(encodeSseEnd(cursor), 'latin1') },
    snapshots: snapshot !== undefined,
  };
}

const NOTHING: Uint8Array = new Uint8Array(0);

function controlBytes(view: SseViewOptions, frame: ControlFrame, facts: ControlFacts): Uint8Array {
  const { cursor, connections, subscribers } = facts;
  switch (frame.type) {
    case 'connected': {
      const { connection } = frame;
      return block(() => view.connected?.({ connection, connections }), cursor);
    }
    case 'subscribed': {
      const { channel, recovered, cause = 'invalid' } = frame;
      const lost = recovered === false ? render(() => view.lost?.({ channel, cause })) : '';
      // A block of an id alone is not dispatched, but EventSource keeps the id: a cut before the first event loses nothing.
      return Buffer.from(lost + encodeSseEnd(cursor));
    }
    case 'heartbeat': {
      const { time } = frame;
      return block(() => view.heartbeat?.({ time, connections, subscribers }), '');
    }
    case 'error': {
      const refusal = { code: frame.code, message: frame.message, retry: frame.retry ?? false };
      return block(() => (view.error ? view.error(refusal) : errorMessage(refusal)), '');
    }
    case 'close':
      return frame.retryMs === undefined ? NOTHING : Buffer.from(encodeSseRetry(frame.retryMs), 'latin1');
    case 'unsubscribed':
    case 'published':
    case 'authenticated':
    case 'transports':
      return NOTHING;
  }
}

/** A view that throws, or an event name that could forge another event, must not end the hub: the reader sees an error. */
function render(show: () => Shown): string {
  try {
    const shown = show();
    return shown === undefined ? '' : encodeSseStart({ event: shown.event, data: shown.dataJson });
  } catch {
    const failed = errorMessage({ code: 'INTERNAL', message: 'The view of this stream failed.', retry: true });
    return encodeSseStart({ event: failed.event, data: failed.dataJson });
  }
}

function errorMessage(refusal: RefusalFacts): SseMessage {
  return { event: 'error', dataJson: JSON.stringify(refusal) };
}

/** A whole block; nothing where nothing is shown, because an id alone would move a client past an event it was not shown. */
function block(show: () => Shown, id: string): Uint8Array {
  const start = render(show);
  return start === '' ? NOTHING : Buffer.from(start + encodeSseEnd(id));
}

/** A block up to its id, which the trailer brings. */
function opening(show: () => Shown): Uint8Array {
  const start = render(show);
  return start === '' ? NOTHING : Buffer.from(start);
}
