/**
 * Why a connection ended [PROTOCOL §8]. One table drives WebSocket close frames and the SSE `close` event; the range of a
 * code alone says whether to reconnect, so that a client needs no new version to obey a new code.
 */

export interface CloseCode {
  readonly code: number;
  readonly name: string;
  /** At most 123 bytes of UTF-8: what a WebSocket close frame has room for. */
  readonly reason: string;
  readonly reconnect: boolean;
}

/** The name of a close code of ours; names and numbers never change their meaning. */
export type CloseName =
  | 'drain'
  | 'maxAge'
  | 'slowConsumer'
  | 'overloaded'
  | 'engineUnavailable'
  | 'heartbeatTimeout'
  | 'credentialExpired'
  | 'rateLimited'
  | 'internal'
  | 'transportSwitched'
  | 'protocolError'
  | 'tooLarge'
  | 'unauthenticated'
  | 'forbidden'
  | 'channelUnknown'
  | 'tooManyChannels'
  | 'originForbidden'
  | 'disconnectedByOperator'
  | 'revoked'
  | 'ended';

/** A code once published is never given another meaning. 3000-3499: reconnect. 3500-3999: do not. */
export const CLOSE_CODES: { readonly [N in CloseName]: CloseCode } = {
  drain: entry('drain', 3000, 'the server is restarting; reconnect'),
  maxAge: entry('maxAge', 3001, 'the connection reached its maximum age; reconnect'),
  slowConsumer: entry('slowConsumer', 3002, 'events were not read fast enough; reconnect and recover'),
  overloaded: entry('overloaded', 3003, 'the server has no room for another connection; reconnect later'),
  engineUnavailable: entry('engineUnavailable', 3004, 'the event store cannot be reached; reconnect later'),
  heartbeatTimeout: entry('heartbeatTimeout', 3005, 'the client was silent for too long; reconnect'),
  credentialExpired: entry('credentialExpired', 3006, 'the credential expired; reconnect with a fresh one'),
  rateLimited: entry('rateLimited', 3007, 'too many requests; reconnect later'),
  internal: entry('internal', 3008, 'the server failed; reconnect'),
  transportSwitched: entry('transportSwitched', 3009, 'this transport was switched off; reconnect over another'),
  protocolError: entry('protocolError', 3500, 'the client broke the protocol'),
  tooLarge: entry('tooLarge', 3501, 'a message was larger than the limit'),
  unauthenticated: entry('unauthenticated', 3502, 'a valid credential is required'),
  forbidden: entry('forbidden', 3503, 'the credential does not allow this'),
  channelUnknown: entry('channelUnknown', 3504, 'no channel has this name'),
  tooManyChannels: entry('tooManyChannels', 3505, 'the connection asked for too many channels'),
  originForbidden: entry('originForbidden', 3506, 'this web origin is not allowed'),
  disconnectedByOperator: entry('disconnectedByOperator', 3507, 'an operator ended the connection'),
  revoked: entry('revoked', 3508, 'the credential was revoked'),
  ended: entry('ended', 3509, 'the stream is complete; nothing more will come'),
};

/** What RFC 6455 §7.4.1 means by its own codes, for wires that end without one of ours. */
export const RFC_CLOSE_CODES: Readonly<Record<number, { readonly meaning: string; readonly reconnect: boolean }>> = {
  1000: { meaning: 'normal closure: the other side is done', reconnect: false },
  1001: { meaning: 'going away: the server stops or the page is left', reconnect: true },
  1002: { meaning: 'protocol error', reconnect: false },
  1003: { meaning: 'a kind of data that is not accepted', reconnect: false },
  1005: { meaning: 'a close frame without a code', reconnect: true },
  1006: { meaning: 'no close frame: the wire broke', reconnect: true },
  1007: { meaning: 'text that is not UTF-8', reconnect: false },
  1008: { meaning: 'policy violation', reconnect: false },
  1009: { meaning: 'a message too big to process', reconnect: false },
  1010: { meaning: 'a required extension was not negotiated', reconnect: false },
  1011: { meaning: 'the server met an unexpected condition', reconnect: true },
  1012: { meaning: 'service restart', reconnect: true },
  1013: { meaning: 'try again later', reconnect: true },
  1014: { meaning: 'bad gateway', reconnect: true },
  1015: { meaning: 'TLS handshake failed', reconnect: true },
};

/** The row of the table. */
export function closeCode(name: CloseName): CloseCode {
  return CLOSE_CODES[name];
}

/** By range: 3500-3999 and 4500-4999 are verdicts. RFC 6455 codes by their meaning; anything else is a broken wire. */
export function shouldReconnect(code: number): boolean {
  if (code >= 3000 && code <= 4999) return code % 1000 < 500;
  return RFC_CLOSE_CODES[code]?.reconnect ?? true;
}

function entry(name: CloseName, code: number, reason: string): CloseCode {
  return { code, name, reason, reconnect: code % 1000 < 500 };
}
