/** Users for trying Fanfare. Only `npm start` makes them, only in an empty table, and it prints them. */
import type { Role } from './roles.ts';

export interface DemoUser {
  readonly username: string;
  readonly name: string;
  readonly roles: readonly Role[];
}

/** No secret: printed, and shown on the start page. */
export const DEMO_PASSWORD = 'demo';

export const DEMO_USERS: readonly DemoUser[] = [
  { username: 'admin', name: 'Nguyễn Thu Hà', roles: ['admin'] },
  { username: 'organiser', name: 'Trần Quốc Bảo', roles: ['organiser'] },
  { username: 'umpire', name: 'Lê Minh Anh', roles: ['umpire'] },
  { username: 'display', name: 'Sân 1', roles: ['display'] },
  { username: 'spectator', name: 'Phạm Gia Linh', roles: ['spectator'] },
];
