/** Why something was not sent, in the language of the page. */
import type { ClientError } from '@fanfare/client';
import { createDictionary, useWords } from '@fanfare/react';

/** Empty: nothing went wrong. */
export function usePublishWords(error: ClientError | undefined): string {
  const words = useWords(dictionary);
  if (error === undefined) return '';
  const known: Readonly<Record<string, string>> = words.reasons;
  return words.notSent(known[error.code] ?? error.message);
}

const dictionary = createDictionary({
  en: {
    notSent: (reason: string) => `Not sent: ${reason}`,
    reasons: {
      RATE_LIMITED: 'that was many in a row. Wait a second and try again.',
      PUBLISH_TIMEOUT: 'the server did not answer in time. Try again.',
      QUEUE_FULL: 'too much is waiting for the connection already.',
      CLOSED: 'the connection was closed.',
      FORBIDDEN: 'you may not change this.',
    },
  },
  vi: {
    notSent: (reason: string) => `Chưa gửi: ${reason}`,
    reasons: {
      RATE_LIMITED: 'bấm hơi nhanh. Hãy đợi một giây rồi thử lại.',
      PUBLISH_TIMEOUT: 'máy chủ không trả lời kịp. Hãy thử lại.',
      QUEUE_FULL: 'đã có quá nhiều thứ đang chờ kết nối.',
      CLOSED: 'kết nối đã đóng.',
      FORBIDDEN: 'bạn không có quyền đổi.',
    },
  },
});
