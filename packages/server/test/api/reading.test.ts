/** Reading in-process what is kept: the value of a state, and pages of history. */
import { describe, expect, it } from 'vitest';
import { refusal, start } from './every-kind.ts';

describe('set and get', () => {
  it('keeps the newest value, by key', async () => {
    const live = start();
    const court = live.channel('court:1');

    expect(await court.get()).toBeUndefined();
    await court.set({ points: 1 });
    await court.set({ points: 2 });
    await court.set({ points: 9 }, { key: 'court-2' });

    expect(await court.get()).toEqual({ points: 2, by: 'umpire' });
    expect(await court.get('court-2')).toEqual({ points: 9, by: 'umpire' });
    expect(await court.get('court-3')).toBeUndefined();
  });

  it('finds one of more keys than a page of history holds', async () => {
    const live = start();
    const court = live.channel('court:1');
    for (let n = 0; n < 1500; n += 1) await court.set({ points: n }, { key: `k${n}` });

    expect(await court.get('k1499')).toMatchObject({ points: 1499 });
    expect(await court.get('k0')).toMatchObject({ points: 0 });
  });

  it.each([
    ['a log channel', { channel: 'match:1', data: { points: 1 } }, 'CHANNEL_KIND_MISMATCH'],
    ['a bad key', { channel: 'court:1', data: { points: 1 }, key: 'a b' }, 'KEY_INVALID'],
    ['an empty key', { channel: 'court:1', data: { points: 1 }, key: '' }, 'KEY_INVALID'],
    ['a value against the schema', { channel: 'court:1', data: {} }, 'PAYLOAD_INVALID'],
  ])('refuses %s', async (_, request, code) => {
    expect((await refusal(start().api.set(request))).code).toBe(code);
  });
});

describe('history', () => {
  it('continues after a position, and says when more follows', async () => {
    const live = start();
    const match = live.channel('match:1');
    for (let n = 0; n < 5; n += 1) await match.publish('score', { points: n });

    const first = await match.history({ limit: 2 });
    const after = first.kind === 'events' ? first.events.at(-1)?.position : undefined;
    const rest = await match.history({ limit: 10, ...(after && { after }) });

    expect(first).toMatchObject({ more: true, events: [{ data: { points: 0 } }, { data: { points: 1 } }] });
    expect(rest).toMatchObject({ more: false, events: [{ data: { points: 2 } }, {}, { data: { points: 4 } }] });
    expect(first.head).toBe(rest.head);
  });

  it('tells a gap with its cause, and no partial list', async () => {
    const live = start();
    const first = await live.channel('open:a').publish('any', 0);
    for (let n = 1; n < 10; n += 1) await live.channel('open:a').publish('any', n);

    expect(await live.channel('open:a').history({ after: first.position })).toMatchObject({
      kind: 'gap',
      cause: 'trimmed',
    });
  });

  it.each([
    ['a position that is none', { after: 'x' }, 'POSITION_INVALID'],
    ['a limit of 0', { limit: 0 }, 'LIMIT_INVALID'],
    ['a limit over 1000', { limit: 1001 }, 'LIMIT_INVALID'],
    ['a fraction', { limit: 1.5 }, 'LIMIT_INVALID'],
  ])('refuses %s', async (_, range, code) => {
    expect((await refusal(start().channel('match:1').history(range))).code).toBe(code);
  });

  it('names a bad position by the field that was sent: after', async () => {
    const page = start().channel('match:1').history({ after: 'x' });

    await expect(page).rejects.toMatchObject({ code: 'POSITION_INVALID', details: { field: 'after', got: 'x' } });
  });

  it('refuses signal channels', async () => {
    expect((await refusal(start().api.history({ channel: 'typing:a' }))).code).toBe('CHANNEL_KIND_MISMATCH');
  });
});
