/** The scoreboard: badminton matches, courts by PIN and boards, live. */

export type { Snapshot } from '@fanfare-systems/scoreboard/rules';
export type { ScoreboardChannels, ScoreboardShapes } from './channels.ts';
export { BOARD_INTERVAL_MS, MAX_WATCHERS, SCOREBOARD_SECRETS } from './channels.ts';
export type { CourtView } from './courts.ts';
export type { ScoreboardErrorCode } from './errors.ts';
export { SCOREBOARD_ERRORS } from './errors.ts';
export type { ScoreboardLive } from './live.ts';
export { snapshotJsonSchema } from './payloads.ts';
export type { ActionRequest, CourtRequest } from './requests.ts';
export { COURT_STREAM_MS } from './routes/court-routes.ts';
export type { Scoreboard, ScoreboardOptions } from './scoreboard.ts';
export { createScoreboard } from './scoreboard.ts';
export type { ActionAnswer } from './scoring.ts';
export type { SeededCourt } from './seed.ts';
export type { AuditRow } from './store/audit-log.ts';
export type { Device, DeviceStatus } from './store/device-store.ts';
export type { MatchUpdate, RegistrationUpdate, TournamentUpdate } from './tournament-events.ts';
