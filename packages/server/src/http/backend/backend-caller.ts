/** Who calls the backend API, and what it may do there. The composition root knows. */
import type { IncomingMessage } from 'node:http';
import { catalogueError, type HttpError } from '../errors.ts';

export type BackendAction = 'publish' | 'history' | 'manage';

export interface BackendCaller {
  /** For the audit trail: `api-key`, `key:ci`, `user:7`. */
  readonly name: string;
  /** Subject of the user whose token it is; absent: a key, whose holder is trusted. */
  readonly user?: string;
  /** What it is refused with; undefined: it may. `channel` undefined: the whole server. */
  refusal(action: BackendAction, channel: string | undefined): Promise<HttpError | undefined> | HttpError | undefined;
}

/** From a request to its caller, or to what it is refused with. */
export type FindCaller = (req: IncomingMessage) => Promise<BackendCaller | HttpError> | BackendCaller | HttpError;

/** Holds the key of the server. */
export const MASTER: BackendCaller = { name: 'api-key', refusal: () => undefined };

/** Calls `then` where the caller may; at once where that is known at once, so that calls keep their order. */
export function allowed<T>(refusal: ReturnType<BackendCaller['refusal']>, then: () => T | Promise<T>): T | Promise<T> {
  if (refusal instanceof Promise) return refusal.then((found) => allowed(found, then));
  if (refusal !== undefined) throw refusal;
  return then();
}

/** What an item of a batch is refused with before it is looked at closely. */
export function refusalOf(item: unknown, caller: BackendCaller): ReturnType<BackendCaller['refusal']> {
  const channel: unknown = typeof item === 'object' && item !== null && 'channel' in item ? item.channel : undefined;
  return typeof channel === 'string' ? caller.refusal('publish', channel) : undefined;
}

/** A caller that a table of grants describes. */
export function grantedCaller(
  name: string,
  isGranted: (action: BackendAction, channel: string | undefined) => boolean,
): BackendCaller {
  return {
    name,
    refusal: (action, channel) =>
      isGranted(action, channel)
        ? undefined
        : catalogueError('FORBIDDEN', channel === undefined ? undefined : { channel }),
  };
}
