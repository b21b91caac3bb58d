/** WebSocket where the platform brings it: browsers, workers, Node from 22 on. */
import type { OpenSocket } from './platform.ts';

export const openSocket: OpenSocket | undefined =
  typeof WebSocket === 'undefined'
    ? undefined
    : (url, protocols, on) => {
        const socket = new WebSocket(url, [...protocols]);
        return Object.assign(socket, {
          onopen: () => on.open(),
          onmessage: ({ data }: MessageEvent) => on.message(data),
          onclose: ({ code, reason }: CloseEvent) => on.close(code, reason),
        });
      };
