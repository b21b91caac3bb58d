/** What a poll is answered with when the hub ends its connection on purpose: a status where other wires have a close code. */
import { CLOSE_CODES, type CloseFrame, type CloseName, type ErrorCode } from '@fanfare/protocol';

/** The others that say reconnect need no refusal: the client polls again anyway. */
const REFUSALS: { readonly [N in CloseName]?: ErrorCode } = {
  drain: 'DRAINING',
  overloaded: 'TOO_MANY_CONNECTIONS',
  engineUnavailable: 'ENGINE_UNAVAILABLE',
  rateLimited: 'RATE_LIMITED',
  internal: 'INTERNAL',
  credentialExpired: 'CREDENTIAL_EXPIRED',
  unauthenticated: 'UNAUTHENTICATED',
  revoked: 'CREDENTIAL_REVOKED',
  channelUnknown: 'CHANNEL_UNKNOWN',
  tooManyChannels: 'TOO_MANY_CHANNELS',
  originForbidden: 'ORIGIN_FORBIDDEN',
};

const BY_CODE: ReadonlyMap<number, ErrorCode | undefined> = new Map(
  Object.values(CLOSE_CODES).map(({ code, name }) => [code, isRefused(name) ? REFUSALS[name] : undefined]),
);

/** undefined: it is answered with what it has. What a client must not come back from is never a mere answer. */
export function refusalOf(frame: CloseFrame): ErrorCode | undefined {
  return BY_CODE.get(frame.code) ?? (frame.reconnect ? undefined : 'FORBIDDEN');
}

function isRefused(name: string): name is CloseName {
  return Object.hasOwn(REFUSALS, name);
}
