/** What every system's page has: a wire that can be broken on purpose, the drawer that does it, and the line of its icons. */
export { BreakIt, type BreakItProps } from './break-it.tsx';
export type { BreakableSocketsOptions } from './breakable-sockets.ts';
export { type BreakableWire, breakWebSockets } from './breakable-wire.ts';
export { LineIcon, type LineIconProps } from './line-icon.tsx';
export type { WireFaults } from './wire-faults.ts';
