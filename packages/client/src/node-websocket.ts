/** WebSocket in Node, which has its own only from 22 on. */
import { WebSocket as WsWebSocket } from 'ws';
import type { OpenSocket } from './platform.ts';
import { openSocket as openOwn } from './web-websocket.ts';

export const openSocket: OpenSocket | undefined =
  openOwn ??
  ((url, protocols, on) => {
    const socket = new WsWebSocket(url, [...protocols], { perMessageDeflate: false });
    socket.on('open', () => on.open());
    socket.on('message', (data, isBinary) => on.message(isBinary ? data : data.toString()));
    socket.on('close', (code, reason) => on.close(code, reason.toString()));
    // 'close' follows.
    socket.on('error', () => undefined);
    return socket;
  });
