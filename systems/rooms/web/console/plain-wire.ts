/** `/ws` with nothing but the browser's own WebSocket: what the console shows is what a page of anybody would get. */
import type { Fields, Wire, WireEvents } from './wire.ts';

/** What a page may close with, for want of a way to cut the wire. */
const DROPPED = 4000;

export function openPlain(events: WireEvents): Wire {
  const { protocol, host } = window.location;
  const socket = new WebSocket(`${protocol.replace('http', 'ws')}//${host}/ws`);
  socket.onopen = () => events.opened();
  socket.onmessage = ({ data }) => {
    const text = String(data);
    const fields = parse(text);
    events.heard(text, String(fields['type']), fields);
  };
  socket.onclose = ({ code, reason }) => events.ended({ code, reason, returns: false });
  const write = (text: string): void => {
    if (socket.readyState !== WebSocket.OPEN) return;
    socket.send(text);
    events.sent(text);
  };
  return {
    send: (type, fields) => write(JSON.stringify({ type, ...fields })),
    sendRaw: write,
    close: () => socket.close(1000, 'done'),
    hangUp: () => socket.close(),
    drop: () => socket.close(DROPPED, 'dropped'),
  };
}

function parse(text: string): Fields {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}
