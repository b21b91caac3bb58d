/** Error codes of the inbox: status and message in both languages. */
import { type Refusal, type Refuse, refuser } from '@fanfare-systems/edge';

export type InboxErrorCode = 'NOTIFICATION_NOT_FOUND' | 'USER_NOT_FOUND' | 'IDEMPOTENCY_KEY_REUSED';

export const INBOX_ERRORS: { readonly [C in InboxErrorCode]: Refusal } = {
  NOTIFICATION_NOT_FOUND: {
    status: 404,
    en: 'You have no such notification.',
    vi: 'Bạn không có thông báo này.',
  },
  USER_NOT_FOUND: {
    status: 404,
    en: 'There is no such user; nothing was sent to anybody.',
    vi: 'Không có người dùng này; chưa gửi cho ai cả.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    status: 409,
    en: 'This idempotency key already stands for another notification.',
    vi: 'Khóa chống lặp này đã được dùng cho thông báo khác.',
  },
};

export const refuse: Refuse<InboxErrorCode> = refuser(INBOX_ERRORS);
