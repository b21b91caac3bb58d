/** WebSocket where the platform brings it: browsers, workers, Node from 22 on. */
import type { OpenSocket } from './platform.ts';

export const openSocket: OpenSocket | undefined =
  typeof WebSocket === 'undefined'
    ? undefined
    : (url, protocols, on) => {
        const socket = new WebSocket(url, [...protocols]);
        socket.onopen = () => on.open();
        socket.onmessage = ({ data }) => on.message(data);
        socket.onclose = ({ code, reason }) => on.close(code, reason);
        return socket;
      };
