/** Who may read does not thereby write: publishing is allowed by name, on every wire, or not at all. */
import { describe, expect, it } from 'vitest';
import { Gate } from '../../src/auth/gate.ts';
import { type AccessRule, type AccessStep, type Action, log } from '../../src/index.ts';
import { startAll, WIRES } from './wires.ts';

const yes = () => ({ allow: true }) as const;
const no = () => ({ allow: false, status: 403, code: 'NOT_HERE' }) as const;

const channels = {
  'read:{id}': log({ access: yes }),
  'open:{id}': log({ access: 'public' }),
  'both:{id}': log({ access: { subscribe: 'public', publish: yes } }),
  'mute:{id}': log({ access: { publish: yes } }),
};

describe.each(WIRES)('over %s a channel', (_, connect) => {
  it.each([
    ['whose rule is a function that looks at nothing', 'read:a', 'FORBIDDEN'],
    ['that is public', 'open:a', 'FORBIDDEN'],
    ['whose rule names publishing', 'both:a', undefined],
  ])('%s', async (_, channel, code) => {
    await using running = await startAll({ channels });
    using client = await connect({ port: running.port, channels: [channel] });

    const answer = await client.command({ type: 'publish', id: 1, channel, event: 'e', data: 1 });

    expect(answer).toMatchObject(code === undefined ? { type: 'published' } : { type: 'error', code });
  });

  it('whose rule names publishing alone is not to read', async () => {
    await using running = await startAll({ channels });
    using client = await connect({ port: running.port, channels: ['open:a'] });

    const answer = await client.command({ type: 'subscribe', id: 1, channel: 'mute:a' });

    expect(answer).toMatchObject({ type: 'error', code: 'FORBIDDEN', channel: 'mute:a' });
  });

  it('that says nothing is decided by authorize, which does not overrule one that does', async () => {
    const asked: string[] = [];
    const authorize = [
      ({ channel, action }: { channel: string; action: Action }) => {
        asked.push(`${action} ${channel}`);
        return channel === 'quiet:a' || channel === 'no:a' || action === 'publish'
          ? ({ allow: true } as const)
          : undefined;
      },
    ];
    const more = { ...channels, 'quiet:{id}': log(), 'no:{id}': log({ access: no }) };
    await using running = await startAll({ channels: more, authorize });
    using client = await connect({ port: running.port, channels: ['open:a'] });
    const subscribe = (id: number, channel: string) => client.command({ type: 'subscribe', id, channel });

    expect(await subscribe(1, 'quiet:a')).toMatchObject({ type: 'subscribed' });
    expect(await subscribe(2, 'no:a')).toMatchObject({ code: 'NOT_HERE' });
    // Nobody in particular may sign in, and ask again.
    expect(await subscribe(3, 'quiet:b')).toMatchObject({ code: 'UNAUTHENTICATED' });
    const published = await client.command({ type: 'publish', id: 4, channel: 'open:a', event: 'e', data: 1 });
    expect(published).toMatchObject({ type: 'published' });
    expect(asked).toEqual(['subscribe quiet:a', 'subscribe quiet:b', 'publish open:a']);
  });
});

describe('a decision', () => {
  const request = { channel: 'a:1', params: { id: '1' }, identity: undefined, address: '' };

  it.each<[string, AccessRule | undefined, Record<Action, boolean>]>([
    ['no rule', undefined, { subscribe: false, publish: false, history: false, presence: false, manage: false }],
    ['public', 'public', { subscribe: true, publish: false, history: true, presence: true, manage: false }],
    ['a function', yes, { subscribe: true, publish: false, history: true, presence: true, manage: false }],
    [
      'rules by action, history of its own',
      { subscribe: 'public', history: no, publish: 'public' },
      { subscribe: true, publish: true, history: false, presence: true, manage: false },
    ],
    ['managing', { manage: yes }, { subscribe: false, publish: false, history: false, presence: false, manage: true }],
  ])('is made action by action: %s', async (_, rule, expected) => {
    const gate = new Gate();
    for (const [action, allow] of Object.entries(expected)) {
      const decision = await gate.decide({ pattern: 'a:{id}', rule }, { ...request, action: action as Action });
      expect([action, decision.allow]).toEqual([action, allow]);
    }
  });

  it('can be explained, rule by rule', async () => {
    const gate = new Gate([{ name: 'first', decide: () => undefined, explain: () => ['it looked'] }, () => undefined]);
    const steps: AccessStep[] = [];

    await gate.decide({ pattern: 'a:{id}', rule: 'public' }, { ...request, action: 'publish' }, steps);

    expect(steps).toEqual([
      { rule: 'access of "a:{id}"', outcome: 'silent', why: 'it says nothing about publish' },
      { rule: 'first', outcome: 'silent', why: 'it looked' },
      { rule: 'authorize', outcome: 'silent', why: 'it has nothing to say' },
      { rule: 'default', outcome: 'denied', why: 'no rule allows it, and what is not allowed is denied' },
    ]);
  });

  it.each([
    [true, 'got true'],
    [null, 'got null'],
    [{ allow: 'yes' }, 'got { allow: a string }'],
  ])('that is none lets nobody in: %j', async (answer, got) => {
    // What JavaScript may return.
    const gate = new Gate(Object(() => answer));
    const request = { action: 'subscribe', channel: 'a:1', params: {}, identity: undefined, address: '' } as const;

    await expect(gate.decide({ pattern: 'a:{id}', rule: undefined }, request)).rejects.toThrow(
      new RegExp(`authorize must return .*${got}`),
    );
  });
});
