/** The engines of this package. */
export type { IdempotencyBounds } from './idempotency-window.ts';
export { type MemoryOptions, memory } from './memory.ts';
export { type RedisOptions, redis } from './redis.ts';
export type { SqlDatabase, SqlRow, SqlStatement, SqlValue } from './sqlite/driver.ts';
export { EngineFileRefused, type RefusalReason } from './sqlite/file.ts';
export type { EngineTransaction } from './sqlite/sqlite-broker.ts';
export { type SqliteEngine, type SqliteOptions, sqlite } from './sqlite.ts';
