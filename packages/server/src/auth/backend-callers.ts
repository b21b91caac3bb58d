/** Who calls the backend API: the key of the server, a key with grants, or a token. Never a cookie: nobody's browser calls by itself. */
import type { IncomingMessage } from 'node:http';
import type { ApiKeyCheck } from '../http/api-key.ts';
import { presentedBearer } from '../http/api-key.ts';
import {
  type BackendAction,
  type BackendCaller,
  type FindCaller,
  grantedCaller,
  MASTER,
} from '../http/backend/backend-caller.ts';
import type { HttpError } from '../http/errors.ts';
import { catalogueError } from '../http/errors.ts';
import type { Action } from './action.ts';
import type { ApiKeys } from './api-keys.ts';
import { type CompiledGrants, compileGrants } from './grant-table.ts';
import { claimsOf } from './grants.ts';
import type { Identity } from './identity.ts';

export interface BackendCallersOptions {
  readonly key: ApiKeyCheck;
  readonly keys: ApiKeys;
  /** Does the application know tokens? */
  readonly hasTokens: boolean;
  readonly identify: (request: IncomingMessage) => Promise<Identity | undefined>;
  /** What the rules of a channel say no with; undefined: they allow it. */
  readonly refusal: (ask: {
    readonly action: Action;
    readonly channel: string;
    readonly identity: Identity;
    readonly address: string;
  }) => Promise<HttpError | undefined>;
  /** What an identity is refused with by now; undefined: nothing. */
  readonly outOfForce: (identity: Identity) => HttpError | undefined;
  readonly addressOf: (request: IncomingMessage) => string;
}

export function backendCallers(options: BackendCallersOptions): FindCaller {
  const { key, keys, hasTokens, identify } = options;
  return (request) => {
    if (key.accepts(request)) return MASTER;
    const isKey = keys.find(request) !== undefined;
    const isToken = hasTokens && presentedBearer(request) !== undefined;
    if (!isKey && !isToken) return key.refusal();
    return identify(request).then((identity) => {
      if (identity === undefined) return key.refusal();
      return isKey ? keyCaller(identity, options) : tokenCaller(identity, options.addressOf(request), options);
    });
  };
}

/** A key may what it is granted, and no rule of a channel is asked. */
function keyCaller(identity: Identity, { outOfForce }: BackendCallersOptions): BackendCaller {
  const grants = compileGrants(identity.grants ?? {}, 'apiKeys');
  const { name, refusal } = grantedCaller(identity.subject, (action, channel) =>
    isGranted(grants, identity, { action, channel }),
  );
  // It was let in before its body came.
  return { name, refusal: (action, channel) => outOfForce(identity) ?? refusal(action, channel) };
}

/** A token may on a channel what it may over any wire; the whole server only what it is granted by itself. */
function tokenCaller(identity: Identity, address: string, options: BackendCallersOptions): BackendCaller {
  const { refusal, outOfForce } = options;
  const grants = compileGrants(identity.grants ?? {}, 'the token');
  return {
    name: `user:${identity.subject}`,
    user: identity.subject,
    refusal: (action, channel) => {
      const over = outOfForce(identity);
      if (over !== undefined) return over;
      // And again: a rule may take longer than the token lasts.
      if (channel !== undefined) {
        return refusal({ action, channel, identity, address }).then((found) => found ?? outOfForce(identity));
      }
      return isGranted(grants, identity, { action, channel }) ? undefined : catalogueError('FORBIDDEN');
    },
  };
}

/** The whole server is granted by `**` and nothing less. */
function isGranted(
  grants: CompiledGrants,
  identity: Identity,
  { action, channel }: { readonly action: BackendAction; readonly channel: string | undefined },
): boolean {
  if (channel === undefined) return grants.patterns(action).some(({ text }) => text === '**');
  return grants.find(action, channel, claimsOf(identity)) !== undefined;
}
