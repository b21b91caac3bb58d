/** Error codes of who may do what, and of HTTP itself [PROTOCOL §9]. */
import type { ErrorEntry } from './error-entry.ts';

type AccessCode =
  | 'UNAUTHENTICATED'
  | 'CREDENTIAL_EXPIRED'
  | 'CREDENTIAL_REVOKED'
  | 'TICKET_INVALID'
  | 'API_KEY_INVALID'
  | 'FORBIDDEN'
  | 'ACCESS_UNAVAILABLE'
  | 'ORIGIN_FORBIDDEN'
  | 'HOST_UNKNOWN'
  | 'SUBJECT_MISMATCH'
  | 'CONNECTION_UNKNOWN'
  | 'UPGRADE_REQUIRED'
  | 'NOT_FOUND'
  | 'METHOD_NOT_ALLOWED'
  | 'NOT_ACCEPTABLE'
  | 'REQUEST_MALFORMED'
  | 'REQUEST_TIMEOUT'
  | 'RATE_LIMITED'
  | 'HEADERS_TOO_LARGE';

export const ACCESS_ERRORS: { readonly [C in AccessCode]: ErrorEntry } = {
  UNAUTHENTICATED: {
    status: 401,
    retry: false,
    en: 'Sign in first: the request carries no valid credential.',
    vi: 'Hãy đăng nhập trước: yêu cầu không có thông tin xác thực hợp lệ.',
    fix: 'Send the session cookie, or Authorization: Bearer TOKEN.',
  },
  CREDENTIAL_EXPIRED: {
    status: 401,
    retry: false,
    en: 'The credential has expired.',
    vi: 'Thông tin xác thực đã hết hạn.',
    fix: 'Sign in again or refresh the token, then repeat the request.',
  },
  CREDENTIAL_REVOKED: {
    status: 401,
    retry: false,
    en: 'The credential was revoked.',
    vi: 'Thông tin xác thực đã bị thu hồi.',
    fix: 'Sign in again; if that is refused too, ask whoever runs the server.',
  },
  TICKET_INVALID: {
    status: 401,
    retry: false,
    en: 'The ticket is not valid: it was used before, is older than 30 s, or belongs to another web page.',
    vi: 'Vé không hợp lệ: đã được dùng, quá 30 giây, hoặc thuộc về một trang web khác.',
    fix: 'Ask for a new ticket right before each connection, from the page that connects.',
  },
  API_KEY_INVALID: {
    status: 401,
    retry: false,
    en: 'The API key is missing or wrong: it goes into the header X-API-Key, or Authorization: Bearer KEY.',
    vi: 'Thiếu khóa API hoặc khóa API sai: gửi khóa trong header X-API-Key, hoặc Authorization: Bearer KEY.',
    fix: 'Send Authorization: Bearer KEY or X-API-Key: KEY, with the key of FANFARE_API_KEY, of the data folder, or of the option apiKey.',
  },
  FORBIDDEN: {
    status: 403,
    retry: false,
    en: 'You are not allowed to do this[ on {channel}].',
    vi: 'Bạn không có quyền thực hiện việc này[ trên {channel}].',
    fix: 'Grant access in the channel map (it denies by default), or use another account.',
  },
  ACCESS_UNAVAILABLE: {
    status: 503,
    retry: true,
    en: 'Whether you may do this cannot be found out at present.',
    vi: 'Hiện chưa thể xác định bạn có quyền làm việc này hay không.',
    fix: 'Repeat the request in a moment; the log and the audit trail of the server say whom it could not ask, and why.',
  },
  ORIGIN_FORBIDDEN: {
    status: 403,
    retry: false,
    en: 'This web origin is not allowed[: {got}].',
    vi: 'Nguồn gốc web này không được phép[: {got}].',
    fix: 'Add the exact origin (scheme, host, port) to allowedOrigins.',
  },
  HOST_UNKNOWN: {
    status: 421,
    retry: false,
    en: 'This server is not called by this name[: {got}].',
    vi: 'Máy chủ này không mang tên này[: {got}].',
    fix: 'Call it by one of its publicOrigins; where the name is right, add its origin to them, or set trustProxy for the proxy in front.',
  },
  SUBJECT_MISMATCH: {
    status: 403,
    retry: false,
    en: 'The token belongs to somebody else than this connection.',
    vi: 'Mã xác thực thuộc về một người khác với người của kết nối này.',
    fix: 'Refresh with a token of the same subject; open another connection for another user.',
  },
  CONNECTION_UNKNOWN: {
    status: 404,
    retry: false,
    en: 'No open connection of yours has this id[: {connection}].',
    vi: 'Bạn không có kết nối nào đang mở mang mã này[: {connection}].',
    fix: 'Reconnect, then use the id of the new connection, with the same credential.',
  },
  UPGRADE_REQUIRED: {
    status: 426,
    retry: false,
    en: 'This path speaks WebSocket[: expected {expected}].',
    vi: 'Đường dẫn này dùng WebSocket[: cần {expected}].',
    fix: 'Open it with a WebSocket client of version 13; a proxy in between must pass Upgrade and Connection on.',
  },
  NOT_FOUND: {
    status: 404,
    retry: false,
    en: 'Nothing is here[: expected {expected}, got {got}].',
    vi: 'Không có gì ở đây[: cần {expected}, nhận được {got}].',
    fix: 'Check the path; PROTOCOL.md lists those of the server.',
  },
  METHOD_NOT_ALLOWED: {
    status: 405,
    retry: false,
    en: 'The path does not take this method[: expected {expected}, got {got}].',
    vi: 'Đường dẫn không nhận phương thức này[: cần {expected}, nhận được {got}].',
    fix: 'Use a method of the Allow header.',
  },
  NOT_ACCEPTABLE: {
    status: 406,
    retry: false,
    en: 'The answer has no form that the Accept header takes[: expected {expected}].',
    vi: 'Không có dạng trả lời nào phù hợp với Accept[: cần {expected}].',
    fix: 'Accept text/event-stream on streams and application/json elsewhere.',
  },
  REQUEST_MALFORMED: {
    status: 400,
    retry: false,
    en: 'The request is not valid HTTP.',
    vi: 'Yêu cầu không phải HTTP hợp lệ.',
    fix: 'Send the request with an HTTP library.',
  },
  REQUEST_TIMEOUT: {
    status: 408,
    retry: true,
    en: 'The request did not arrive in time.',
    vi: 'Yêu cầu không đến kịp thời gian.',
    fix: 'Repeat the request.',
  },
  RATE_LIMITED: {
    status: 429,
    retry: true,
    en: 'Too many requests[: try again in {seconds} s].',
    vi: 'Quá nhiều yêu cầu[: hãy thử lại sau {seconds} giây].',
    fix: 'Wait as long as Retry-After says.',
  },
  HEADERS_TOO_LARGE: {
    status: 431,
    retry: false,
    en: 'The headers are too large[: the limit is {limit} bytes].',
    vi: 'Phần đầu yêu cầu quá lớn[: tối đa {limit} byte].',
    fix: 'Send at most 16 KiB of headers; shrink the cookies.',
  },
};
