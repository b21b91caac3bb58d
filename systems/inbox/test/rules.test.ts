/** Preferences and quiet hours, by the clock on the user's own wall. */
import {
  changePreferences,
  DEFAULT_PREFERENCES,
  isMarked,
  isQuiet,
  isTimeZone,
  type Note,
  type QuietHours,
  tellingOf,
  wantedTypes,
} from '@fanfare-systems/inbox/rules';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const NIGHT: QuietHours = { on: true, from: '22:00', to: '07:00', time_zone: 'Asia/Ho_Chi_Minh' };

describe('quiet hours', () => {
  it.each([
    ['2026-03-10T14:59:59Z', false, 'a second before ten in the evening in Hanoi'],
    ['2026-03-10T15:00:00Z', true, 'ten in the evening'],
    ['2026-03-10T17:00:00Z', true, 'midnight'],
    ['2026-03-10T23:59:59Z', true, 'a second before seven'],
    ['2026-03-11T00:00:00Z', false, 'seven'],
  ])('over midnight: at %s %s, %s', (at, quiet) => {
    expect(isQuiet(NIGHT, Date.parse(at))).toBe(quiet);
  });

  it.each([
    ['2026-03-28T21:30:00Z', true, '22:30 in winter time'],
    ['2026-03-29T20:30:00Z', true, '22:30 in summer time, the day the clock was put forward'],
    ['2026-03-29T04:59:00Z', true, '06:59 that morning, an hour earlier in UTC than the day before'],
    ['2026-03-29T05:00:00Z', false, '07:00 that morning'],
  ])('follow a zone through the change of its clock: %s %s, %s', (at, quiet) => {
    expect(isQuiet({ ...NIGHT, time_zone: 'Europe/Paris' }, Date.parse(at))).toBe(quiet);
  });

  it('by day, the whole day, and never', () => {
    const noon = Date.parse('2026-03-10T05:00:00Z');
    expect(isQuiet({ ...NIGHT, from: '11:30', to: '13:00' }, noon)).toBe(true);
    expect(isQuiet({ ...NIGHT, from: '13:00', to: '13:00' }, noon)).toBe(true);
    expect(isQuiet({ ...NIGHT, on: false, from: '11:30', to: '13:00' }, noon)).toBe(false);
    expect(isQuiet({ ...NIGHT, from: '11:30', to: '13:00', time_zone: 'Mars/Base' }, noon)).toBe(false);
    expect([isTimeZone('Asia/Saigon'), isTimeZone('Mars/Base'), isTimeZone('')]).toEqual([true, false, false]);
  });

  it('cover exactly the minutes between the two, whatever they are', () => {
    const minute = fc.integer({ min: 0, max: 1439 });
    const text = (at: number): string =>
      `${String(Math.floor(at / 60)).padStart(2, '0')}:${String(at % 60).padStart(2, '0')}`;
    fc.assert(
      fc.property(minute, minute, minute, (from, to, now) => {
        fc.pre(from !== to);
        const length = (to - from + 1440) % 1440;
        const since = (now - from + 1440) % 1440;
        const hours = { on: true, from: text(from), to: text(to), time_zone: 'UTC' };
        expect(isQuiet(hours, now * 60_000)).toBe(since < length);
      }),
    );
  });
});

describe('preferences', () => {
  it('change where something is said, and nowhere else', () => {
    const changed = changePreferences(DEFAULT_PREFERENCES, { types: { error: { sound: false } } });

    expect(changed).toEqual({
      ...DEFAULT_PREFERENCES,
      types: { ...DEFAULT_PREFERENCES.types, error: { on: true, sound: false } },
    });
    expect(changePreferences(changed, {})).toEqual(changed);
  });

  it('say how a page tells: in quiet hours not at all, else with the sound that the type has', () => {
    const at = Date.parse('2026-03-10T17:00:00Z');
    const quiet = changePreferences(DEFAULT_PREFERENCES, { quiet_hours: { on: true } });
    const off = changePreferences(DEFAULT_PREFERENCES, { types: { error: { on: false } } });

    expect(tellingOf({ type: 'error' }, DEFAULT_PREFERENCES, at)).toBe('toast-with-sound');
    expect(tellingOf({ type: 'info' }, DEFAULT_PREFERENCES, at)).toBe('toast');
    expect(tellingOf({ type: 'error' }, quiet, at)).toBe('nothing');
    expect(tellingOf({ type: 'error' }, off, at)).toBe('nothing');
    expect(wantedTypes(off)).toEqual(['info', 'success', 'warning']);
  });
});

it('a read mark means those that it names, and none that was read before', () => {
  const note: Note = {
    ...{ id: 5, user_id: 1, title: 't', message: '', type: 'info' },
    ...{ created_at: '2026-03-10T00:00:00.000Z', read_at: null },
  };
  const read_at = '2026-03-10T01:00:00.000Z';

  expect([4, 5, 6].map((id) => isMarked({ ...note, id }, { ids: [5], read_at }))).toEqual([false, true, false]);
  expect([4, 5, 6].map((id) => isMarked({ ...note, id }, { up_to: 5, read_at }))).toEqual([true, true, false]);
  expect(isMarked({ ...note, read_at }, { up_to: 9, read_at })).toBe(false);
});
