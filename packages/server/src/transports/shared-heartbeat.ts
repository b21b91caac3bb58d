/** Heartbeats of one moment are the same bytes for everybody: an idle server spends its time on little else. */
import type { ControlFrame } from '@fanfare/protocol';

type Heartbeat = Extract<ControlFrame, { readonly type: 'heartbeat' }>;

/** `encode`, called once for all that are due in the same millisecond, in a row. */
export function sharedHeartbeat(encode: (frame: Heartbeat) => Uint8Array): (frame: Heartbeat) => Uint8Array {
  let time = Number.NaN;
  let bytes: Uint8Array = new Uint8Array();
  return (frame) => {
    if (frame.time !== time) {
      bytes = encode(frame);
      time = frame.time;
    }
    return bytes;
  };
}
