/** Examples of docs/reference/client.md, compiled here and never run. */
import { createClient } from '@fanfare/client';
import { type Note, paint, toast } from './page.ts';

type Shapes = {
  'court:{pin}': { kind: 'state'; value: { home: number; guest: number } };
  'inbox:{user}': { kind: 'log'; events: { notification: Note; unread: number } };
  'typing:{room}': { kind: 'signal'; events: { typing: string } };
};

export const client = createClient<Shapes>({ url: 'https://live.example.com' });

client.channel('court:1234').on('state', (score) => paint(score.home, score.guest));
client.channel('inbox:7').on('notification', (note) => toast(note.title));
