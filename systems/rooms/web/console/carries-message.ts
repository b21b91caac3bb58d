/** Whether a frame of any of the page's wires brings what somebody said: of `/ws`, of Socket.IO, or of the hub. */

/** An event of Socket.IO, in whatever namespace. */
const SOCKET_IO_EVENT = /^42(?:\/[^,]*,)?\["(?:room-message|broadcast)"/;
const TYPES: ReadonlySet<unknown> = new Set(['room-message', 'broadcast', 'event']);

export function carriesMessage(data: unknown): boolean {
  if (typeof data !== 'string') return false;
  if (SOCKET_IO_EVENT.test(data)) return true;
  try {
    const frame: unknown = JSON.parse(data);
    return typeof frame === 'object' && frame !== null && 'type' in frame && TYPES.has(frame.type);
  } catch {
    return false;
  }
}
