/** Server-Sent Events with a way back: commands go beside the stream, which so follows other channels without being opened anew. */
import type { Transport, Wire, WireEvent, WireOptions } from '../wire.ts';
import { addFitting } from './fitting-channels.ts';
import { endAs } from './http-end.ts';
import { sse, streamFrames } from './sse-wire.ts';
import { subscribing } from './subscribing.ts';
import { uplink } from './uplink.ts';

/** Channels beyond this are subscribed on the open stream. */
const MAX_URL_LENGTH = 6000;

/** For one client. */
export function twoWaySse(): Transport {
  /** Some networks, and servers behind a proxy that hides their name, take no POST from a page. */
  let isStiff = false;
  const open = (options: WireOptions): Wire => {
    const { isTrial, tell } = options;
    let asked: Iterable<string> = [];
    let itsToken: string | undefined;
    const hear = (event: WireEvent): void => {
      channels.tell(event);
      if (event.type !== 'connected') return;
      // It gets through. The channels go into the address, for where a page's commands do not.
      if (isTrial) tell({ type: 'renew' });
      else {
        commands.open(event.connection, itsToken);
        if (!isStiff) channels.start(asked);
      }
    };
    const own = { ...options, tell: hear };
    const commands = uplink(own, (end) => {
      if (isStiff || end.verdict === undefined || end.verdict === 401) tell({ ...end, type: 'ended' });
      else {
        // What is refused to a command is not refused to the stream: from now on each change opens it anew.
        isStiff = true;
        tell({ type: 'renew' });
      }
    });
    const channels = subscribing(options, (text) => commands.send({ text }));
    const compose = (url: URL, token: string | undefined): void => {
      itsToken = token;
      if (!isTrial) asked = addFitting(url, options, isStiff ? Infinity : MAX_URL_LENGTH);
    };
    endAs(options, streamFrames(own, compose));
    return {
      command: (command) => commands.send(command),
      sync: isStiff ? undefined : (again) => channels.sync(again),
    };
  };
  return { ...sse, open };
}
