/** `fanfare/http`: what an application on Fanfare needs to serve HTTP beside its streams. */

export { type HubEventSource, logHubEvents } from '../observe/hub-log.ts';
export { createLogger, type Logger, type LoggerOptions, type LogLevel } from '../observe/logger.ts';
export { ApiKeyCheck } from './api-key.ts';
export { ensureDataFolder, type KeptKey, keepApiKey } from './api-key-file.ts';
export { type BodyOptions, MAX_BODY_BYTES } from './body.ts';
export { type ConfigOutcome, type ConfigSources, loadConfig } from './config/load-config.ts';
export type { ServerConfig } from './config/server-config.ts';
export { parseCookies } from './cookies.ts';
export {
  catalogueError,
  describeValue,
  type ErrorBody,
  type ErrorDetails,
  fail,
  HttpError,
  type HttpErrorOptions,
  type Messages,
  RequestAborted,
  refuseField,
} from './errors.ts';
export { sendCached, sendCachedJson } from './etag.ts';
export { Exchange, type ExchangeOptions } from './exchange.ts';
export type { Health } from './live-api.ts';
export { OriginPolicy, type OriginVerdict } from './origin-policy.ts';
export { RateLimiter, type RateLimiterOptions, type RateVerdict } from './rate-limiter.ts';
export { type HeaderMap, type JsonAnswer, sendError, sendJson } from './respond.ts';
export { type Handler, Router, type RouterOptions } from './router.ts';
export type { ServedHub } from './served-hub.ts';
export { StartError } from './start-error.ts';
export { type RunningServer, type StartOptions, startServer } from './start-server.ts';
