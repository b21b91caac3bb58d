/** Error codes of the server's own state: full, leaving, without its store, wrongly set up [PROTOCOL §9]. */
import type { ErrorEntry } from './error-entry.ts';

type ServerCode =
  | 'TOO_MANY_CONNECTIONS'
  | 'TRANSPORT_DISABLED'
  | 'ENGINE_UNAVAILABLE'
  | 'OUTCOME_UNKNOWN'
  | 'DRAINING'
  | 'CLOSED'
  | 'NOT_READY'
  | 'TRANSACTIONS_UNSUPPORTED'
  | 'CONFIG_INVALID'
  | 'STORE_UNUSABLE'
  | 'INTERNAL';

export const SERVER_ERRORS: { readonly [C in ServerCode]: ErrorEntry } = {
  TOO_MANY_CONNECTIONS: {
    status: 503,
    retry: true,
    en: 'There is no room for another connection[: the limit is {limit}].',
    vi: 'Không còn chỗ cho kết nối mới[: tối đa {limit}].',
    fix: 'Reconnect later with backoff; raise maxSubscribers or the connection limits if the load is real.',
  },
  TRANSPORT_DISABLED: {
    status: 503,
    retry: true,
    en: 'This transport is switched off at present[; use {expected}].',
    vi: 'Cách truyền này hiện đang tắt[; hãy dùng {expected}].',
    fix: 'Reconnect over a transport that is allowed; the operator sets them with transports.',
  },
  ENGINE_UNAVAILABLE: {
    status: 503,
    retry: true,
    en: 'The event store cannot be reached; nothing was stored.',
    vi: 'Không truy cập được kho sự kiện; chưa có gì được lưu.',
    fix: 'Repeat the request with the same idempotency key; /readyz tells the reason.',
  },
  OUTCOME_UNKNOWN: {
    status: 503,
    retry: true,
    en: 'The event store failed in the middle; the event may or may not be stored.',
    vi: 'Kho sự kiện gặp lỗi giữa chừng; sự kiện có thể đã được lưu hoặc chưa.',
    fix: 'Repeat the request with the same idempotency key: it is stored once either way.',
  },
  DRAINING: {
    status: 503,
    retry: true,
    en: 'The server is restarting.',
    vi: 'Máy chủ đang khởi động lại.',
    fix: 'Repeat the request in a moment.',
  },
  CLOSED: {
    status: 503,
    retry: true,
    en: 'The connection ended before the request was done.',
    vi: 'Kết nối đã kết thúc trước khi yêu cầu hoàn tất.',
    fix: 'Reconnect, then repeat the request.',
  },
  NOT_READY: {
    status: 503,
    retry: true,
    en: 'The server is not ready[: {reason}].',
    vi: 'Máy chủ chưa sẵn sàng[: {reason}].',
    fix: 'Wait, or do what the reason asks for.',
  },
  TRANSACTIONS_UNSUPPORTED: {
    status: 501,
    retry: false,
    en: 'The engine of this server has no transactions[: {engine}].',
    vi: 'Kho của máy chủ này không hỗ trợ giao dịch[: {engine}].',
    fix: 'Use the sqlite engine.',
  },
  CONFIG_INVALID: {
    status: 500,
    retry: false,
    en: 'The configuration is not valid[: {field}: expected {expected}, got {got}].',
    vi: 'Cấu hình không hợp lệ[: {field}: cần {expected}, nhận được {got}].',
    fix: 'Correct the setting; fanfare serve --check-config tells all of them.',
  },
  STORE_UNUSABLE: {
    status: 500,
    retry: false,
    en: 'The data file cannot be used and was not touched[: {reason}].',
    vi: 'Không dùng được tệp dữ liệu và tệp vẫn được giữ nguyên[: {reason}].',
    fix: 'Restore a backup, or name another data folder.',
  },
  INTERNAL: {
    status: 500,
    retry: false,
    en: 'The server failed; the fault is not yours.',
    vi: 'Máy chủ gặp lỗi; lỗi không phải do bạn.',
    fix: 'Look for the request in the log of the server and report it.',
  },
};
