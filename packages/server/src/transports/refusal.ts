/** Why a client gets no connection, as it is told inside of one: an error, then the close that says whether to come back. */
import {
  type CloseName,
  type ControlFrame,
  closeCode,
  describeError,
  type ErrorCode,
  type ErrorFrame,
  type Language,
  type TransportName,
} from '@fanfare/protocol';
import { toHttpError } from '../http/errors.ts';

export interface Refusal {
  readonly code: string;
  readonly message: string;
  readonly close: CloseName;
  /** Which wires may be used instead. */
  readonly transports?: readonly TransportName[];
}

/** What passes with time. */
export type RefusalReason = Extract<
  ErrorCode,
  'TOO_MANY_CONNECTIONS' | 'RATE_LIMITED' | 'DRAINING' | 'ENGINE_UNAVAILABLE' | 'ACCESS_UNAVAILABLE' | 'INTERNAL'
>;

const CLOSE_NAMES: { readonly [R in RefusalReason]: CloseName } = {
  TOO_MANY_CONNECTIONS: 'overloaded',
  RATE_LIMITED: 'rateLimited',
  DRAINING: 'drain',
  ENGINE_UNAVAILABLE: 'engineUnavailable',
  ACCESS_UNAVAILABLE: 'internal',
  INTERNAL: 'internal',
};

const VERDICTS: Readonly<Record<number, CloseName>> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'channelUnknown',
  429: 'rateLimited',
};

/** A refusal of the catalogue, in the reader's language. */
export function passingRefusal(code: RefusalReason, language: Language = 'en'): Refusal {
  return { code, message: describeError(code, language), close: CLOSE_NAMES[code] };
}

/** Why a channel did not stand that its rule had allowed: what passes; but who was put out meanwhile is to stay out. */
export function subscribeRefusal(code: ErrorCode, language: Language = 'en'): Refusal {
  if (code === 'FORBIDDEN') return { code, message: describeError(code, language), close: 'forbidden' };
  return passingRefusal(isRefusalReason(code) ? code : 'INTERNAL', language);
}

/** The operator has switched this wire off [PROTOCOL §16]. */
export function disabledTransport(allowed: readonly TransportName[], language: Language = 'en'): Refusal {
  const code = 'TRANSPORT_DISABLED';
  const message = describeError(code, language, { expected: allowed.join(', ') });
  return { code, message, close: 'transportSwitched', transports: allowed };
}

export function isRefusalReason(code: string): code is RefusalReason {
  return Object.hasOwn(CLOSE_NAMES, code);
}

/** What was thrown while a client was let in, or not. A fault of ours tells nothing of itself. */
export function thrownRefusal(error: unknown, language: Language): Refusal {
  const { code, message } = toHttpError(error).body(language).error;
  return { code, message, close: closeNameOf(error) };
}

/** The end of a connection for what was thrown: a verdict is final, a fault of ours passes. */
export function closeNameOf(error: unknown): CloseName {
  const { code, status } = toHttpError(error);
  if (isRefusalReason(code)) return CLOSE_NAMES[code];
  // The next attempt brings a fresh one.
  if (code === 'CREDENTIAL_EXPIRED') return 'credentialExpired';
  if (code === 'CREDENTIAL_REVOKED') return 'revoked';
  return VERDICTS[status] ?? (status < 500 ? 'protocolError' : 'internal');
}

/** Everything that the client is told, in order. `retryMs`: where the wire has no other way to say when to come back. */
export function refusalFrames(refusal: Refusal, retryMs?: number): readonly ControlFrame[] {
  const { code, reason, reconnect } = closeCode(refusal.close);
  const { transports } = refusal;
  return [
    refusalError(refusal),
    ...(transports === undefined ? [] : [{ type: 'transports' as const, transports }]),
    { type: 'close', code, reason, reconnect, ...(reconnect && retryMs !== undefined ? { retryMs } : {}) },
  ];
}

export function refusalError({ code, message, close }: Refusal): ErrorFrame {
  const passes = closeCode(close).reconnect;
  return { type: 'error', code, message, ...(passes ? { retry: true } : {}) };
}
