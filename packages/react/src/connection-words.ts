/** What the connection badge says: the status, what it means for the visitor, and why it is so. */
import type { ConnectionState } from '@fanfare/client';
import type { TransportName } from '@fanfare/protocol';
import { createDictionary, type Dictionary, type Translated, useWords } from './dictionary.ts';

/** Names of their own in every language. */
export const WIRES: Readonly<Record<TransportName, string>> = { ws: 'WebSocket', sse: 'SSE', poll: 'HTTP' };

const en = {
  idle: 'Not connected',
  connecting: 'Connecting',
  live: 'Live',
  reconnecting: 'Reconnecting',
  polling: 'Polling',
  offline: 'Offline',
  failed: 'Stopped',
  latency: (ms: number): string => `${ms} ms`,
  inSeconds: (seconds: number): string => `in ${seconds} s`,
  now: 'now',
  retry: (seconds: number): string => (seconds > 0 ? `Retry ${seconds} s` : 'Retry'),
  liveOver: (wire: string): string => `Every change arrives at once, over ${wire}.`,
  why: {
    idle: 'Nothing is being followed yet.',
    connecting: 'The first connection is on its way.',
    live: 'Every change arrives at once.',
    reconnecting: 'The connection was lost. What was missed will be caught up.',
    polling: 'No live connection: this page asks every few seconds.',
    offline: 'This device has no network. The page continues by itself when it is back.',
    failed: 'The server refused the connection.',
  },
  tryNow: 'Press to try now.',
  /** By code of the reason; of any other code the message is shown as it came. */
  causes: {
    CHANNEL_NAME_INVALID: 'There is nothing of the name that this page asks for.',
    CLOSED_3000: 'The server is restarting.',
    CLOSED_3001: 'The connection was renewed.',
    CLOSED_3002: 'This page did not keep up, and catches up now.',
    CLOSED_3003: 'The server has no room for another connection.',
    CLOSED_3004: 'The server cannot reach its store for now.',
    CLOSED_3005: 'The server did not hear from this page.',
    CLOSED_3006: 'The login is being renewed.',
    CLOSED_3007: 'Too much was asked for in a short time.',
    CLOSED_3008: 'Something went wrong on the server.',
    CLOSED_3009: 'The operator has set another way to connect.',
    CLOSED_3500: 'The server does not understand this page.',
    CLOSED_3501: 'What this page sent is too large.',
    CLOSED_3502: 'Logging in is needed.',
    CLOSED_3503: 'You have no access to this.',
    CLOSED_3504: 'There is nothing of the name that this page asks for.',
    CLOSED_3505: 'This page follows too many channels.',
    CLOSED_3506: 'The server does not serve pages of this address.',
    CLOSED_3507: 'The connection was ended by the server.',
    CLOSED_3508: 'The login is not valid any more.',
    CLOSED_3509: 'This has ended; nothing more will come.',
    CONNECT_TIMEOUT: 'The server did not answer in time.',
    DRAINING: 'The server is restarting.',
    EVENT_MISSING: 'An event did not arrive and is asked for again.',
    FORBIDDEN: 'You have no access to this.',
    HEARTBEAT_LOST: 'The server fell silent.',
    LIVE_BLOCKED: 'Neither WebSocket nor SSE gets through here.',
    NETWORK: 'The server could not be reached.',
    NOT_A_STREAM: 'Something between here and the server answered in its place.',
    OFFLINE: '',
    SHORT_LIVED: 'Live connections are cut after moments here.',
    STREAM_ENDED: 'The stream broke off.',
    TAB_MOVED: 'Another tab takes over.',
    TOO_MANY_CHANNELS: 'This page follows too many channels.',
    TOO_MANY_CONNECTIONS: 'The server has no room for another connection.',
    TRANSPORTS_SET: 'The operator has set polling.',
    UNAUTHENTICATED: 'Logging in is needed.',
  },
  /** Why it is live, but not over the best wire. */
  lesser: {
    LIVE_BLOCKED: 'WebSocket does not get through here.',
    SHORT_LIVED: 'WebSocket connections are cut after moments here.',
    TRANSPORTS_SET: 'The operator has set it so.',
  },
  answered: (status: string): string => `The server answered ${status}.`,
} as const;

export const dictionary: Dictionary<typeof en> = createDictionary({
  en,
  vi: {
    idle: 'Chưa kết nối',
    connecting: 'Đang kết nối',
    live: 'Trực tiếp',
    reconnecting: 'Đang kết nối lại',
    polling: 'Hỏi định kỳ',
    offline: 'Mất mạng',
    failed: 'Đã dừng',
    latency: (ms: number): string => `${ms} ms`,
    inSeconds: (seconds: number): string => `sau ${seconds} giây`,
    now: 'ngay',
    retry: (seconds: number): string => (seconds > 0 ? `Nối lại ${seconds} s` : 'Nối lại'),
    liveOver: (wire: string): string => `Mọi thay đổi đến ngay lập tức, qua ${wire}.`,
    why: {
      idle: 'Chưa theo dõi gì.',
      connecting: 'Đang mở kết nối đầu tiên.',
      live: 'Mọi thay đổi đến ngay lập tức.',
      reconnecting: 'Kết nối bị ngắt. Những gì bỏ lỡ sẽ được bù lại.',
      polling: 'Không có kết nối trực tiếp: trang hỏi máy chủ vài giây một lần.',
      offline: 'Thiết bị không có mạng. Trang tự tiếp tục khi có mạng lại.',
      failed: 'Máy chủ từ chối kết nối.',
    },
    tryNow: 'Bấm để thử ngay.',
    causes: {
      CHANNEL_NAME_INVALID: 'Không có gì mang tên mà trang này yêu cầu.',
      CLOSED_3000: 'Máy chủ đang khởi động lại.',
      CLOSED_3001: 'Kết nối được mở mới.',
      CLOSED_3002: 'Trang này nhận không kịp và đang bắt kịp.',
      CLOSED_3003: 'Máy chủ không còn chỗ cho kết nối mới.',
      CLOSED_3004: 'Máy chủ tạm thời không truy cập được kho dữ liệu.',
      CLOSED_3005: 'Máy chủ không nhận được tín hiệu từ trang này.',
      CLOSED_3006: 'Phiên đăng nhập đang được gia hạn.',
      CLOSED_3007: 'Đã gửi quá nhiều yêu cầu trong thời gian ngắn.',
      CLOSED_3008: 'Máy chủ gặp sự cố.',
      CLOSED_3009: 'Người vận hành đã chọn cách kết nối khác.',
      CLOSED_3500: 'Máy chủ không hiểu trang này.',
      CLOSED_3501: 'Nội dung trang này gửi quá lớn.',
      CLOSED_3502: 'Cần đăng nhập.',
      CLOSED_3503: 'Bạn không có quyền xem phần này.',
      CLOSED_3504: 'Không có nội dung nào mang tên mà trang này yêu cầu.',
      CLOSED_3505: 'Trang này theo dõi quá nhiều kênh.',
      CLOSED_3506: 'Máy chủ không phục vụ các trang từ địa chỉ này.',
      CLOSED_3507: 'Máy chủ đã đóng kết nối.',
      CLOSED_3508: 'Phiên đăng nhập không còn hiệu lực.',
      CLOSED_3509: 'Nội dung này đã kết thúc, sẽ không có gì thêm.',
      CONNECT_TIMEOUT: 'Máy chủ không trả lời kịp.',
      DRAINING: 'Máy chủ đang khởi động lại.',
      EVENT_MISSING: 'Một sự kiện không tới và đang được hỏi lại.',
      FORBIDDEN: 'Bạn không có quyền xem phần này.',
      HEARTBEAT_LOST: 'Máy chủ im lặng quá lâu.',
      LIVE_BLOCKED: 'Cả WebSocket lẫn SSE đều không qua được mạng này.',
      NETWORK: 'Không liên lạc được với máy chủ.',
      NOT_A_STREAM: 'Có thứ gì đó ở giữa đã trả lời thay máy chủ.',
      OFFLINE: '',
      SHORT_LIVED: 'Kết nối trực tiếp ở đây bị cắt sau giây lát.',
      STREAM_ENDED: 'Luồng dữ liệu bị ngắt.',
      TAB_MOVED: 'Một thẻ khác đang tiếp quản kết nối.',
      TOO_MANY_CHANNELS: 'Trang này theo dõi quá nhiều kênh.',
      TOO_MANY_CONNECTIONS: 'Máy chủ không còn chỗ cho kết nối mới.',
      TRANSPORTS_SET: 'Người vận hành đã đặt chế độ hỏi định kỳ.',
      UNAUTHENTICATED: 'Cần đăng nhập.',
    },
    lesser: {
      LIVE_BLOCKED: 'WebSocket không qua được mạng này.',
      SHORT_LIVED: 'Kết nối WebSocket ở đây bị cắt sau giây lát.',
      TRANSPORTS_SET: 'Người vận hành đã đặt như vậy.',
    },
    answered: (status: string): string => `Máy chủ trả lời ${status}.`,
  },
});

export type ConnectionWords = Translated<typeof en>;

/** What the badge says on hover, for a page that has room to say it: what the status means, and why it is so. */
export function useConnectionReason(connection: ConnectionState): string {
  return reasonOf(connection, useWords(dictionary));
}

export function reasonOf({ status, reason, transport }: ConnectionState, words: ConnectionWords): string {
  const live = status === 'live';
  const meaning = live && transport !== undefined ? words.liveOver(WIRES[transport]) : words.why[status];
  if (reason === undefined) return meaning;
  const known: Readonly<Record<string, string>> = live ? words.lesser : words.causes;
  const answer = /^HTTP_(\d+)$/.exec(reason.code)?.[1];
  return `${meaning} ${known[reason.code] ?? (answer === undefined ? reason.message : words.answered(answer))}`.trim();
}
