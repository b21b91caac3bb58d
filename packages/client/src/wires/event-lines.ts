/**
 * Reads an event stream as far as this client needs it [PROTOCOL §6.1]: `data` and `retry`. A frame says itself what it is and where it
 * stands, so that `event` and `id` are not looked at, and `data` is JSON, to which the space around it means nothing.
 */
import { readFrame } from '../read-frame.ts';
import type { WireEvent } from '../wire.ts';

/** Most characters of one block: a longer one is not of our server. */
const MAX_LENGTH = 2 ** 20;

/**
 * Takes the stream piece by piece: what the blocks that a piece ends say is told before it returns. Throws over the cap, when the
 * stream is of no use any more.
 */
export function readEvents(tell: (event: WireEvent) => void): (piece: string) => void {
  /** The line whose end has not come yet; grown by appending only, so that tiny pieces cost no copies. */
  let line = '';
  let data = '';
  /** The last piece ended in CR: a LF that follows belongs to it. */
  let isCut = false;
  const endLine = (): void => {
    const retry = /^retry: ?(\d+)$/.exec(line);
    if (retry) tell({ type: 'retry', ms: Number(retry[1]) });
    else if (line.startsWith('data:')) data += `${line.slice(5)}\n`;
    else if (line === '' && data) {
      tell(readFrame(data));
      data = '';
    }
  };
  return (piece) => {
    if (piece === '') return;
    const [first, ...others] = (isCut ? piece.replace(/^\n/, '') : piece).split(/\r\n?|\n/);
    isCut = piece.endsWith('\r');
    line += first;
    for (const next of others) {
      endLine();
      line = next;
    }
    if (line.length + data.length > MAX_LENGTH) throw new RangeError('TOO_LONG');
  };
}
