/** What the end of a WebSocket means [RFC 6455 §7.4.1], in one line for a log; and how the hub's own codes are told to plain clients. */
import { type CloseFrame, type Closing, RFC_CLOSE_CODES } from 'fanfare';

/**
 * `close frame without a code` is 1005, `no close frame` is 1006: the two are told apart, because the one is a client that said
 * goodbye and the other a wire that broke.
 */
export function meaningOf(code: number): string {
  const known = RFC_CLOSE_CODES[code]?.meaning;
  if (known !== undefined) return known;
  if (code >= 4000 && code <= 4999) return 'a code of the application';
  if (code >= 3000 && code <= 3999) return 'a code of a library';
  return 'a code that RFC 6455 does not define';
}

const GOING_AWAY = 1001;
const POLICY = 1008;
const SERVER_ERROR = 1011;
const TRY_AGAIN_LATER = 1013;
/** The codes of Fanfare's close table that are no "come back later" [PROTOCOL §8]. */
const HEARTBEAT_TIMEOUT = 3005;
const CODES: Readonly<Record<number, number>> = {
  3000: GOING_AWAY,
  3001: GOING_AWAY,
  3006: POLICY,
  3007: POLICY,
  3008: SERVER_ERROR,
};

const END_NAMES: Readonly<Record<number, string>> = {
  3000: 'DRAINING',
  3003: 'TOO_MANY_CONNECTIONS',
  3006: 'CREDENTIAL_EXPIRED',
  3007: 'RATE_LIMITED',
  3507: 'DISCONNECTED_BY_OPERATOR',
  3508: 'CREDENTIAL_REVOKED',
};

/** How an end is named where there is no close frame to name it; undefined: who meets it has nothing to do about it. */
export function endNameOf(code: number): string | undefined {
  return END_NAMES[code];
}

/** A peer that answers no ping gets no frame either: waiting for its answer would keep it. */
export function closingOf({ code, reason, reconnect }: CloseFrame): Closing {
  if (code === HEARTBEAT_TIMEOUT) return 'cut';
  return { code: CODES[code] ?? (reconnect ? TRY_AGAIN_LATER : POLICY), reason };
}
