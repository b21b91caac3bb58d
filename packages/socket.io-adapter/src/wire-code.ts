/** How the WebSocket under a Socket.IO connection ended: Engine.IO says "transport close" of a goodbye and of a broken wire alike. */
import type { Socket } from 'socket.io';

type Conn = Socket['conn'];

const codes = new WeakMap<Conn, number>();
const watched = new WeakSet<Conn>();

/** Begins to listen, before Engine.IO does: what it tells next finds the code. */
export function watchWire(conn: Conn): void {
  if (watched.has(conn)) return;
  watched.add(conn);
  const watch = (transport: unknown): void => {
    const socket: unknown = typeof transport === 'object' && transport !== null && Reflect.get(transport, 'socket');
    if (!isEmitter(socket)) return;
    socket.prependOnceListener('close', (code: unknown) => {
      if (typeof code === 'number') codes.set(conn, code);
    });
  };
  watch(conn.transport);
  conn.on('upgrade', watch);
}

/** The close code of RFC 6455 that a socket's end stands for: 1005: a goodbye without a code; 1006: there was none. */
export function closeCodeOf({ conn }: Pick<Socket, 'conn'>, reason: string): number {
  return CODES[reason] ?? (reason === 'transport close' ? (codes.get(conn) ?? GOODBYE_WITHOUT_CODE) : NO_GOODBYE);
}

/** Socket.IO's reasons. */
const CODES: Readonly<Record<string, number>> = {
  'client namespace disconnect': 1000,
  'server namespace disconnect': 1008,
  'server shutting down': 1001,
  'forced close': 1001,
  'forced server close': 1001,
  'parse error': 1002,
};
/** Polling has no codes: its sessions end with a packet that says so. */
const GOODBYE_WITHOUT_CODE = 1005;
const NO_GOODBYE = 1006;

function isEmitter(value: unknown): value is NodeJS.EventEmitter {
  return typeof value === 'object' && value !== null && 'prependOnceListener' in value;
}
