/** `tokens()`: who asks, by a JWT in `Authorization: Bearer` or in a cookie. */
import type { IncomingMessage } from 'node:http';
import { presentedBearer } from '../../http/api-key.ts';
import { parseCookies } from '../../http/cookies.ts';
import { catalogueError } from '../../http/errors.ts';
import type { Identity, RequestFacts } from '../identity.ts';
import { type TokenVerdict, TokenVerifier, type TokenVerifierOptions } from './token-verifier.ts';

/** Options of `tokens()`. */
export interface TokensOptions extends TokenVerifierOptions {
  /** Cookie that may carry the token, where there is no header. @default none is looked at */
  readonly cookie?: string;
}

/** An `authenticate` that can say why it refuses. */
export interface TokenAuthenticate {
  (request: IncomingMessage, facts: RequestFacts): Promise<Identity | undefined>;
  /** What it thinks of a token, for explanations. */
  readonly verdictOn: (token: string) => Promise<TokenVerdict>;
}

/** Throws a TypeError on options that make no sense. A token that is refused is UNAUTHENTICATED or CREDENTIAL_EXPIRED. */
export function tokens(options: TokensOptions): TokenAuthenticate {
  const verifier = new TokenVerifier(options);
  const authenticate = async (request: IncomingMessage, facts: RequestFacts): Promise<Identity | undefined> => {
    const token = tokenOf(request, options.cookie, facts);
    if (token === undefined) return undefined;
    const verdict = await verifier.verify(token);
    if (verdict.kind === 'refused') throw catalogueError(verdict.code);
    return verdict.identity;
  };
  return Object.assign(authenticate, { verdictOn: (token: string) => verifier.verify(token) });
}

/**
 * An Authorization header decides alone: where it is wrong, the cookie beside it does not help, and one of another scheme is
 * nobody's. Never of the URL: that ends in logs.
 */
function tokenOf(request: IncomingMessage, cookie: string | undefined, facts: RequestFacts): string | undefined {
  const { headers } = request;
  if (headers.authorization !== undefined) return presentedBearer(request);
  if (cookie === undefined) return undefined;
  const value = parseCookies(headers.cookie).get(cookie);
  if (value === undefined || value === '') return undefined;
  if (!facts.mayUseCookie) throw catalogueError('ORIGIN_FORBIDDEN');
  return value;
}
