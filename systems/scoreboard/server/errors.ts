/** Error codes of the scoreboard: status and message in both languages. A code once published is never used for something else. */
import { type Refusal, type Refuse, refuser } from '@fanfare-systems/edge';
import type { RefusalCode } from '@fanfare-systems/scoreboard/rules';

/** What the laws of badminton refuse, and the rest. */
export type ScoreboardErrorCode =
  | RefusalCode
  | 'SESSION_INVALID'
  | 'DEVICE_BLOCKED'
  | 'DEVICE_NOT_VERIFIED'
  | 'PIN_NOT_FOUND'
  | 'COURT_NOT_FOUND'
  | 'MATCH_NOT_FOUND'
  | 'DEVICE_NOT_FOUND'
  | 'VERSION_CONFLICT'
  | 'MATCH_CHANGED'
  | 'IDEMPOTENCY_KEY_REUSED'
  | 'COURT_INACTIVE'
  | 'PIN_TAKEN';

export const SCOREBOARD_ERRORS: { readonly [C in ScoreboardErrorCode]: Refusal } = {
  SESSION_INVALID: {
    status: 401,
    en: 'Log in, or ask for approval of this device, first.',
    vi: 'Hãy đăng nhập hoặc xin duyệt thiết bị này trước.',
  },
  DEVICE_BLOCKED: {
    status: 403,
    en: 'This device was blocked by the organiser.',
    vi: 'Thiết bị này đã bị ban tổ chức chặn.',
  },
  DEVICE_NOT_VERIFIED: {
    status: 403,
    en: 'This device waits for approval by the organiser.',
    vi: 'Thiết bị này đang chờ ban tổ chức duyệt.',
  },
  PIN_NOT_FOUND: { status: 404, en: 'No court has this PIN.', vi: 'Không có sân nào dùng mã PIN này.' },
  COURT_NOT_FOUND: { status: 404, en: 'There is no such court.', vi: 'Không tìm thấy sân này.' },
  MATCH_NOT_FOUND: { status: 404, en: 'There is no such match.', vi: 'Không tìm thấy trận đấu này.' },
  DEVICE_NOT_FOUND: { status: 404, en: 'There is no such device.', vi: 'Không tìm thấy thiết bị này.' },
  MATCH_FINISHED: { status: 409, en: 'The match is finished.', vi: 'Trận đấu đã kết thúc.' },
  MATCH_NOT_LIVE: {
    status: 409,
    en: 'The match is not being played: start or resume it.',
    vi: 'Trận đấu chưa diễn ra hoặc đang tạm dừng: hãy bắt đầu hoặc tiếp tục.',
  },
  MATCH_NOT_PAUSED: { status: 409, en: 'The match is not paused.', vi: 'Trận đấu không ở trạng thái tạm dừng.' },
  MATCH_ALREADY_STARTED: { status: 409, en: 'The match has already started.', vi: 'Trận đấu đã bắt đầu.' },
  GAME_OVER: {
    status: 409,
    en: 'The game is won: go on to the next game.',
    vi: 'Ván này đã kết thúc: hãy chuyển sang ván tiếp theo.',
  },
  GAME_NOT_OVER: { status: 409, en: 'The game is not won yet.', vi: 'Ván này chưa kết thúc.' },
  NOTHING_TO_UNDO: { status: 409, en: 'There is nothing to undo.', vi: 'Không còn gì để hoàn tác.' },
  TOO_MANY_ACTIONS: {
    status: 409,
    en: 'This match has had too many swaps and pauses.',
    vi: 'Trận này đã đổi sân và tạm dừng quá nhiều lần.',
  },
  VERSION_CONFLICT: {
    status: 409,
    en: 'The match has moved on: look at the score and try again.',
    vi: 'Trận đấu đã thay đổi: hãy xem lại tỉ số rồi thử lại.',
  },
  MATCH_CHANGED: {
    status: 409,
    en: 'Another match is on this court now.',
    vi: 'Sân này đã chuyển sang trận đấu khác.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 409,
    en: 'This idempotency key already stands for another action.',
    vi: 'Khóa chống lặp này đã được dùng cho thao tác khác.',
  },
  COURT_INACTIVE: { status: 409, en: 'This court is closed.', vi: 'Sân này đang đóng.' },
  PIN_TAKEN: { status: 409, en: 'Another court has this PIN.', vi: 'Sân khác đang dùng mã PIN này.' },
};

/** Throws an error of the table. Inside a transaction this also takes back everything the transaction did. */
export const refuse: Refuse<ScoreboardErrorCode> = refuser(SCOREBOARD_ERRORS);
