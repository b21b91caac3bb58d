/** WebSocket: frames both ways, one per message [PROTOCOL §13]. */
import { because } from '../connection-phase.ts';
import type { Socket } from '../platform.ts';
import { readFrame } from '../read-frame.ts';
import type { Transport, WireEnd } from '../wire.ts';
import { endAs } from './http-end.ts';
import { subscribing } from './subscribing.ts';

export const ws: Transport = {
  name: 'ws',
  live: true,
  open(options) {
    const { base, platform, signal, tell } = options;
    let socket: Socket | undefined;
    const channels = subscribing(options, (text) => socket?.send(text));
    const live = async (): Promise<WireEnd> => {
      const token = await options.token();
      signal.throwIfAborted();
      const url = new URL('ws', base);
      url.protocol = url.protocol.replace('http', 'ws');
      /** The server itself has spoken. */
      let isConnected = false;
      return new Promise((resolve) => {
        socket = platform.webSocket?.(url.href, ['fanfare.v1'], {
          open() {
            if (signal.aborted) return;
            if (token) socket?.send(JSON.stringify({ type: 'auth', token }));
            channels.start([]);
          },
          message(data) {
            const frame = readFrame(String(data));
            isConnected ||= frame.type === 'connected';
            channels.tell(frame);
            tell({ type: 'read' });
          },
          close: (code, reason) => resolve(endOfClose(code, reason, isConnected)),
        });
        signal.addEventListener('abort', () => socket?.close(1000));
      });
    };
    endAs(options, live());
    return { sync: (again) => channels.sync(again), command: ({ text }) => socket?.send(text) };
  },
};

/**
 * The close frame of the server says the same, and comes first where there is room for it. A code that anybody uses is a verdict only
 * where the server has spoken before: else it is of something between, which another transport may get past.
 */
function endOfClose(code: number, words: string, isConnected: boolean): WireEnd {
  // By the range of the code [PROTOCOL §8].
  const isFinal = code < 3000 ? isConnected && RFC_FINAL.includes(code) : code % 1000 >= 500;
  return { reason: because(`CLOSED_${code}`, words || undefined), verdict: isFinal ? code : undefined };
}

const RFC_FINAL: readonly number[] = [1000, 1002, 1003, 1007, 1008, 1009, 1010];
