/** The Redis client, an optional package of the application's: loaded when the engine is opened, and not before. */
import { createRequire } from 'node:module';
import type { Redis, RedisOptions } from 'ioredis';

export type RedisClient = Redis;
export type OpenClient = (options: RedisOptions) => RedisClient;

/** Throws a TypeError with what to do where the package is missing. */
export function loadDriver(url: string): OpenClient {
  const Client = load();
  return (options) => new Client(url, options);
}

function load(): new (url: string, options: RedisOptions) => RedisClient {
  try {
    return createRequire(import.meta.url)('ioredis').Redis;
  } catch (cause) {
    throw new TypeError('The redis engine needs the package ioredis 6: npm install ioredis@6', { cause });
  }
}
