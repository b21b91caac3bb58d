/** Rooms for clients that exist already: `/ws` and Socket.IO on the same hub channels. */
export type { RoomMessage, RoomMessageInput, RoomsChannels, RoomsShapes } from './channels.ts';
export type { ClientReport, Protocol, RoomsCounts, RoomsLogger } from './clients.ts';
export { meaningOf } from './close-words.ts';
export type { RoomsLive } from './live.ts';
export { REFUSALS, type RoomsRefusal } from './refusals.ts';
export { createRooms, type Rooms, type RoomsOptions } from './rooms.ts';
export type { RoomsHealth } from './routes.ts';
export { ROOMS_SETTINGS, type RoomsConfig, type RoomsSetting, readRoomsConfig } from './settings.ts';
