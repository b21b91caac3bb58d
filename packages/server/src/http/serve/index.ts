/** Running a server: configuration, key, start, end, log. Loaded only by who runs one; embedding a hub needs none of it. */
export { type HubEventSource, logHubEvents } from '../../observe/hub-log.ts';
export { createLogger, type Logger, type LoggerOptions, type LogLevel } from '../../observe/logger.ts';
export { ensureDataFolder, type KeptKey, keepApiKey, readKeyCommand } from './api-key-file.ts';
export { type ConfigOutcome, type ConfigSources, loadConfig } from './config/load-config.ts';
export type { ServerConfig } from './config/server-config.ts';
export type { ServedHub } from './served-hub.ts';
export { StartError } from './start-error.ts';
export type { StartOptions } from './start-options.ts';
export { type RunningServer, startServer } from './start-server.ts';
export type { UpgradeHandler } from './upgrade-requests.ts';
