/** What every system's page has at its edge: a wire that can be broken on purpose, and the drawer that does it. */
export { BreakIt, type BreakItProps } from './break-it.tsx';
export { type BreakableWire, breakWebSockets } from './breakable-wire.ts';
export type { WireFaults } from './wire-faults.ts';
