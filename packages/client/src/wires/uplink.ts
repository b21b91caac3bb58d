/** The way back of a one-way wire: commands go by POST to the open connection, in order, several at a time [PROTOCOL §14.7]. */
import type { ServerFrame } from '@fanfare/protocol';
import type { WireEnd, WireOptions } from '../wire.ts';
import { ask, endOf, endOfFault } from './http-end.ts';

interface Queued {
  readonly text: string;
  /** Of commands that ask for an answer. */
  readonly id?: number;
}

export interface Uplink {
  /** The open connection; what waited is sent. */
  open(connection: string, token: string | undefined): void;
  send(command: Queued): void;
}

/** The server takes no more in one request. */
const MAX_FRAMES = 64;
const MAX_LENGTH = 48 * 1024;

/** `fail`: the connection of the wire is not there any more, or cannot be reached. */
export function uplink(options: WireOptions, fail: (end: WireEnd) => void): Uplink {
  const { base, platform, signal, tell } = options;
  const queue: Queued[] = [];
  let connection = '';
  let token: string | undefined;
  let isBusy = false;

  const next = (): void => {
    if (isBusy || connection === '' || queue.length === 0) return;
    isBusy = true;
    // What is sent in one go leaves in one request.
    queueMicrotask(async () => {
      const end = await post(take(queue)).catch(endOfFault);
      isBusy = false;
      if (signal.aborted) return;
      if (end) fail(end);
      else next();
    });
  };

  const post = async (commands: readonly Queued[]): Promise<WireEnd | undefined> => {
    const response = await ask(options, new URL(`uplink/${connection}`, base), token, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: `{"frames":[${commands.map(({ text }) => text).join()}]}`,
    });
    if (response.status !== 200) return refused(commands, await endOf(response, platform));
    const { frames }: { readonly frames: readonly ServerFrame[] } = await response.json();
    for (const answer of frames) {
      // What became of a subscription is told by the stream as well, in its order with the events.
      if (answer.type === 'published' || answer.type === 'error') tell(answer);
    }
    tell({ type: 'read' });
    return undefined;
  };

  /** Commands that wait for an answer get one where that is all that was asked; else the wire does not show what it should. */
  const refused = (commands: readonly Queued[], end: WireEnd): WireEnd | undefined => {
    const { reason, verdict } = end;
    // A connection that is not there is back soon, by itself or because another is opened.
    const retry = verdict === undefined || verdict === 404;
    if (verdict === 401 || commands.some(({ id }) => id === undefined)) {
      return retry ? { ...end, verdict: undefined } : end;
    }
    for (const { id = 0 } of commands) tell({ type: 'error', ...reason, id, retry });
    return undefined;
  };

  return {
    open(opened, itsToken) {
      connection = opened;
      token = itsToken;
      next();
    },
    send(command) {
      queue.push(command);
      next();
    },
  };
}

/** As many as fit, and always one: what is too large for the server is so by itself. */
function take(queue: Queued[]): readonly Queued[] {
  let room = MAX_LENGTH;
  const fits = ({ text }: Queued): boolean => {
    room -= text.length;
    return room > 0;
  };
  return queue.splice(0, queue.slice(0, MAX_FRAMES).filter(fits).length || 1);
}
