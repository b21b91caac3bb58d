/** `fanfare/http`: what an application on Fanfare needs to serve HTTP beside its streams, and to run as a server. */
export { jsonDepthWithin, MAX_JSON_DEPTH } from '@fanfare/protocol';
export { countedNetwork, networkOf } from './address.ts';
export { ApiKeyCheck } from './api-key.ts';
export { type BodyOptions, MAX_BODY_BYTES } from './body.ts';
export { type PrivateCookie, parseCookies, privateCookie } from './cookies.ts';
export {
  catalogueError,
  type ErrorBody,
  type ErrorDetails,
  fail,
  failFor,
  HttpError,
  type HttpErrorOptions,
  type Messages,
  RequestAborted,
  refuseField,
  tooMany,
} from './errors.ts';
export { hasTag, sendCached, sendCachedJson } from './etag.ts';
export { Exchange, type ExchangeOptions } from './exchange.ts';
export type { Health } from './live-api.ts';
export { OriginPolicy, type OriginVerdict } from './origin-policy.ts';
export { type ProxyTrust, TrustedProxies } from './proxy-trust.ts';
export { RateLimiter, type RateLimiterOptions, type RateVerdict } from './rate-limiter.ts';
export { rejectUpgrade } from './reject-upgrade.ts';
export { type HeaderMap, type JsonAnswer, sendError, sendJson } from './respond.ts';
export { type Handler, Router, type RouterOptions } from './router.ts';
export {
  type ConfigOutcome,
  type ConfigSources,
  createLogger,
  ensureDataFolder,
  type HubEventSource,
  type KeptKey,
  keepApiKey,
  type Logger,
  type LoggerOptions,
  type LogLevel,
  loadConfig,
  logHubEvents,
  type RunningServer,
  readKeyCommand,
  type ServedHub,
  type ServerConfig,
  StartError,
  type StartOptions,
  startServer,
  type UpgradeHandler,
} from './serve/index.ts';
