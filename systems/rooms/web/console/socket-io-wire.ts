/** A stock socket.io-client. Loaded when the first one is opened: it is most of what this page weighs. */
import type { Socket } from 'socket.io-client';
import type { Fields, Wire, WireEvents } from './wire.ts';

/** Ways to the server, in the order in which they are tried. */
const TRANSPORTS = ['polling', 'websocket'];

export function openSocketIo(events: WireEvents): Wire {
  let socket: Socket | undefined;
  let isClosed = false;
  const begin = async (): Promise<void> => {
    const { io } = await import('socket.io-client');
    if (isClosed) return;
    socket = io({ transports: TRANSPORTS, forceNew: true });
    socket.on('connect', () => events.opened());
    socket.onAny((event: string, ...args: unknown[]) => events.heard(textOf(event, args), event, fieldsOf(args[0])));
    socket.on('disconnect', (reason) => {
      events.ended({ code: undefined, reason, returns: socket?.active === true });
    });
    socket.on('connect_error', ({ message }) => {
      events.ended({ code: undefined, reason: message, returns: socket?.active === true });
    });
  };
  begin().catch((error: unknown) => events.ended({ code: undefined, reason: String(error), returns: false }));
  return {
    send: (type, fields) => {
      if (socket?.connected !== true) return;
      const args = Object.keys(fields).length === 0 ? [] : [fields];
      events.sent(textOf(type, args));
      socket.emit(type, ...args, (answer: unknown) => {
        const heard = fieldsOf(answer);
        events.heard(`ack ${JSON.stringify(answer)}`, String(heard['type']), heard);
      });
    },
    close: () => {
      isClosed = true;
      socket?.disconnect();
    },
    // What Socket.IO says in place of a code, it says in packets of its own: this is its WebSocket's goodbye.
    hangUp: () => {
      socket?.io.engine.close();
    },
    drop: () => {
      socket?.io.engine.close();
    },
  };
}

function textOf(event: string, args: readonly unknown[]): string {
  return JSON.stringify([event, ...args]);
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? { ...value } : {};
}
