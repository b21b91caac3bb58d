/** Notifications to look at: for the demo users of an empty inbox, so that every page shows something within a minute. */
import { unreadOf } from './channels.ts';
import type { InboxParts } from './parts.ts';
import type { NoteText } from './store/note-store.ts';

const HOUR_MS = 3600 * 1000;

/** Oldest first; the last ones are unread. */
const NOTES: readonly (NoteText & { readonly hoursAgo: number; readonly isRead: boolean })[] = [
  {
    hoursAgo: 52,
    isRead: true,
    type: 'info',
    title: 'Chào mừng bạn',
    message: 'Đây là hộp thư thông báo của bạn. Mở trang này trên hai thiết bị rồi đọc một thông báo: cả hai cùng đổi.',
  },
  {
    hoursAgo: 27,
    isRead: true,
    type: 'success',
    title: 'Payment received',
    message: 'Invoice 2026-0412 was paid in full.',
    url: '/inbox',
  },
  {
    hoursAgo: 3,
    isRead: false,
    type: 'warning',
    title: 'Lịch thi đấu thay đổi',
    message: 'Trận bán kết đôi nam nữ chuyển sang Sân 2 lúc 15:30.\nVui lòng có mặt trước 20 phút.',
    url: '/scoreboard',
  },
  {
    hoursAgo: 1,
    isRead: false,
    type: 'error',
    title: 'Import failed',
    message: 'Row 118 of players.csv has no date of birth. Nothing was imported.',
  },
];

/** Returns how many it made; 0 where anybody has any. */
export async function seedDemo({ live, store, accounts, now }: InboxParts): Promise<number> {
  const users = accounts.listUsers();
  if (users.some(({ id }) => store.notes.newestId(id) > 0)) return 0;
  // No notification goes out: nobody listens yet, and what comes first is read from the list.
  return live.transaction((tx) => {
    for (const { id: userId } of users) {
      for (const { hoursAgo, isRead, ...text } of NOTES) {
        const at = now() - hoursAgo * HOUR_MS;
        const { id } = store.notes.insert({ ...text, userId, at });
        if (!isRead) continue;
        // What was read was there when its user came; the others wait for somebody.
        store.fates.decide(id, 'return');
        store.notes.markRead(userId, id, at + HOUR_MS / 2);
      }
      tx.channel(unreadOf(userId)).set({ count: store.notes.countUnread(userId) });
    }
    return users.length * NOTES.length;
  });
}
