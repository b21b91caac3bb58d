/** What flows in the channels of the inbox, as schemas: checked before anything is stored. */
import {
  type LiveCounters,
  NOTE_TYPES,
  type Note,
  type Preferences,
  type ReadMark,
} from '@fanfare-systems/inbox/rules';
import { type StandardSchema, type } from 'fanfare';
import { z } from 'zod';

/** How many are unread. */
export interface Unread {
  readonly count: number;
}

const id = z.int().min(1);
const time = z.iso.datetime();

export const noteSchema: StandardSchema<Note> = z.object({
  id,
  user_id: id,
  title: z.string(),
  message: z.string(),
  type: z.enum(NOTE_TYPES),
  url: z.string().optional(),
  data: z.unknown().optional(),
  created_at: time,
  read_at: time.nullable(),
});

export const readMarkSchema: StandardSchema<ReadMark> = z.object({
  ids: z.array(id).optional(),
  up_to: id.optional(),
  read_at: time,
});

export const unreadSchema: StandardSchema<Unread> = z.object({ count: z.int().min(0) });

/** Made by our own code alone, out of values that were checked when they came. */
export const preferencesSchema: StandardSchema<Preferences> = type<Preferences>();
export const countersSchema: StandardSchema<LiveCounters> = type<LiveCounters>();
