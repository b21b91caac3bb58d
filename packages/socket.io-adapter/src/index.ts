/** Socket.IO on a Fanfare hub. */
export { type SocketIoChannelOptions, type SocketIoChannels, socketIoChannels } from './channels.ts';
export { type AdapterOptions, createAdapter, FanfareAdapter, returned } from './fanfare-adapter.ts';
export { BoundedWebSocketServer, type HardenedOptions, hardenedOptions } from './hardened.ts';
export { hubConnection } from './hub-sockets.ts';
export type { ChannelEvent, ShowEnd, ShowEvent, ShownEvent } from './socket-wire.ts';
export { closeCodeOf } from './wire-code.ts';
