/** Who may read which channels, for every wire that asks in a request: the access rules, and what they say no with. */
import { describeError, isErrorCode } from '@fanfare/protocol';
import { type AccessDecision, type AccessRequest, decideAccess } from '../auth/access.ts';
import type { Identity } from '../auth/identity.ts';
import type { ChannelRegistry, ResolvedChannel } from '../channels/channel-map.ts';
import { FanfareError } from '../channels/fanfare-error.ts';
import { HttpError } from '../http/errors.ts';

export interface Asker {
  readonly identity: Identity | undefined;
  readonly address: string;
}

export type Denied = Extract<AccessDecision, { allow: false }> & { readonly channel: string };

/** The definition of a channel. Throws CHANNEL_UNKNOWN. */
export function resolveChannel(registry: ChannelRegistry, name: string): ResolvedChannel {
  const resolved = registry.find(name);
  if (resolved === undefined) throw new FanfareError('CHANNEL_UNKNOWN', { details: { channel: name } });
  return resolved;
}

/** The definitions of the channels by name. Throws CHANNEL_UNKNOWN. */
export function resolveChannels(
  registry: ChannelRegistry,
  names: Iterable<string>,
): ReadonlyMap<string, ResolvedChannel> {
  const channels = new Map<string, ResolvedChannel>();
  for (const name of names) channels.set(name, resolveChannel(registry, name));
  return channels;
}

/**
 * Throws the verdict of an access rule, whose answer is final. What passes with time (429) comes back. One channel decides
 * for all: half of what a page needs would look like all of it.
 */
export async function firstDenied(
  channels: ReadonlyMap<string, ResolvedChannel>,
  asker: Asker,
): Promise<Denied | undefined> {
  for (const [channel, resolved] of channels) {
    const denied = await decide({ action: 'subscribe', channel, resolved, asker });
    if (denied?.status === 429) return denied;
    if (denied !== undefined) throw accessError(denied);
  }
  return undefined;
}

export interface Question {
  readonly action: AccessRequest['action'];
  readonly channel: string;
  readonly resolved: ResolvedChannel;
  readonly asker: Asker;
}

/** What the rule of the channel says no with; undefined: it allows it. Rejects with what the rule throws. */
export async function accessRefusal(question: Question): Promise<HttpError | undefined> {
  const denied = await decide(question);
  return denied && accessError(denied);
}

async function decide({ action, channel, resolved, asker }: Question): Promise<Denied | undefined> {
  const { definition, pattern, params } = resolved;
  const access = { pattern, rule: definition.access };
  const decision = await decideAccess(access, { action, channel, params, ...asker });
  return decision.allow ? undefined : { ...decision, channel };
}

/** A denial as an HTTP answer. `headers`: of the answer. @default none */
export function accessError(denied: Denied, headers: HttpError['headers'] = {}): HttpError {
  const { channel, status, code, message } = denied;
  const known = isErrorCode(code)
    ? { en: describeError(code, 'en', { channel }), vi: describeError(code, 'vi', { channel }) }
    : code;
  return new HttpError({ status, code, message: message ?? known, details: { channel }, headers });
}

/** A status that the client should take as final. */
export function isVerdict(error: unknown): boolean {
  return (error instanceof HttpError || error instanceof FanfareError) && error.status < 500 && error.status !== 429;
}
