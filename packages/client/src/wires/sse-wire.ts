/** Server-Sent Events over fetch: unlike EventSource it can set headers, and knows its own positions [PROTOCOL §6]. */
import { because } from '../connection-phase.ts';
import type { Transport, WireEnd, WireOptions } from '../wire.ts';
import { readEvents } from './event-lines.ts';
import { addChannel, ask, endAs, endOf } from './http-end.ts';

/** One way only: other channels are another stream. */
export const sse: Transport = {
  name: 'sse',
  live: true,
  open(options) {
    const { wanted, present } = options;
    const compose = (url: URL): void => {
      for (const name of wanted()) addChannel(url, name, present(name));
    };
    endAs(options, streamFrames(options, compose));
    return {};
  },
};

/** Tells all that the stream brings. `compose`: what is asked for, as late as possible: positions are where the client stands. */
export async function streamFrames(
  options: WireOptions,
  compose: (url: URL, token: string | undefined) => void,
): Promise<WireEnd> {
  const { base, platform, signal, tell } = options;
  const token = await options.token();
  signal.throwIfAborted();
  const url = new URL('sse?ids=no', base);
  compose(url, token);
  const response = await ask(options, url, token);
  if (response.status !== 200) return endOf(response, platform);
  const reader = response.body?.getReader();
  // A hotel's login page answers 200, too.
  if (!reader || !response.headers.get('content-type')?.startsWith('text/event-stream')) {
    return { reason: because('NOT_A_STREAM') };
  }
  const text = new TextDecoder();
  const read = readEvents(tell);
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { reason: because('STREAM_ENDED') };
    read(text.decode(value, { stream: true }));
    tell({ type: 'read' });
  }
}
