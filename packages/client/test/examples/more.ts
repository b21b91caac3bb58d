/** Examples of docs/reference/client.md, compiled here and never run. */
import { type Client, ClientError, createClient, throttleLatest } from '@fanfare/client';
import { client } from './first.ts';
import { badge, login, paint, reload, reportToUs, save, store, stored, toast } from './page.ts';

export function state(): void {
  const court = client.channel('court:1234');
  const off = court.subscribe(() => {
    const { value } = court.getSnapshot();
    if (value !== undefined) paint(value.home, value.guest);
  });
  off();
}

export function lost(): void {
  const inbox = client.channel('inbox:7');
  inbox.on('notification', (note) => toast(note.title));
  inbox.onLost(({ cause }) => {
    badge(`Some notifications are missing (${cause}); reading all of them again.`);
    return reload();
  });
}

export async function loop(): Promise<void> {
  for await (const { event, data } of client.channel('inbox:7')) {
    if (event === 'notification') await save(data);
  }
}

export function earlierLife(): void {
  const inbox = client.channel('inbox:7', { after: stored('inbox') });
  inbox.on('notification', (note) => {
    toast(note.title);
  });
  addEventListener('pagehide', () => store('inbox', inbox.position));
}

export async function publishing(): Promise<void> {
  try {
    await client.channel('court:1234').set({ home: 21, guest: 19 });
    await client.channel('inbox:7').publish('unread', 0, { idempotencyKey: 'all-read-17' });
  } catch (error) {
    if (error instanceof ClientError && error.temporary) badge('Not sent; try again.');
    else throw error;
  }
}

export function connection(): void {
  client.onConnection(({ status, retryAt, reason }) => {
    if (status === 'live') badge('live');
    else if (retryAt !== undefined) badge(`again in ${Math.ceil((retryAt - Date.now()) / 1000)} s`);
    else badge(reason === undefined ? status : reason.message);
  });
}

export function throttle(): void {
  const render = throttleLatest(80, (score: { home: number; guest: number }) => paint(score.home, score.guest));
  client.channel('court:1234').on('state', render);
}

export function tabsOf(): Client {
  return createClient({ tabs: { user: 'anna' } });
}

export function options(): Client {
  return createClient({
    url: 'https://live.example.com',
    token: ({ refresh }) => (refresh ? login() : stored('token')),
    onError: (error) => {
      if (error instanceof ClientError && error.code === 'HANDLER_FAILED') reportToUs(error);
    },
  });
}
