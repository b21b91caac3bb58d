/**
 * The format of /live/poll [PROTOCOL §15]: the event frames of every other wire, each behind a comma, so that the joined bytes
 * of a turn are shared by all polls. Control frames go as they are: an answer is put together when it ends, not streamed.
 */
import type { CloseFrame, ControlFrame, SubscribedFrame, TransportsFrame, UnsubscribedFrame } from '@fanfare/protocol';
import type { Encoding, StoredEvent } from '../../core/index.ts';
import { eventJson } from '../event-json.ts';

/** A control frame that a poll has a use for, in the place of its bytes. */
export class ToldFrame extends Uint8Array {
  readonly frame: SubscribedFrame | UnsubscribedFrame | CloseFrame | TransportsFrame;

  constructor(frame: ToldFrame['frame']) {
    super(1);
    this.frame = frame;
  }
}

const NOTHING: Uint8Array = new Uint8Array(0);
const COMMA = ',';
/** What a signal begins with: white space says nothing to a reader of JSON, and to us that this event is in no history. */
const SIGNAL = ', ';
const SPACE = 0x20;

export const pollEncoding: Encoding = {
  name: 'poll',
  event: (event: StoredEvent) => Buffer.from((event.offset === 0 ? SIGNAL : COMMA) + eventJson(event)),
  control,
};

/** Are these bytes of signals? All events of one chunk are of one channel. */
export function isSignals(chunk: Uint8Array): boolean {
  return chunk[COMMA.length] === SPACE;
}

function control(frame: ControlFrame): Uint8Array {
  switch (frame.type) {
    case 'subscribed':
    case 'transports':
    case 'close':
      return new ToldFrame(frame);
    case 'unsubscribed':
      // Who asked for it has its answer.
      return frame.code === undefined ? NOTHING : new ToldFrame(frame);
    default:
      return NOTHING;
  }
}
