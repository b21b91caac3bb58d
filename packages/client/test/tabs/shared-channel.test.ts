/** What is asked of the server for many tabs, and what each of them is told of its answer. */
import type { SubscribedFrame } from '@fanfare/protocol';
import { describe, expect, it } from 'vitest';
import { SharedChannel } from '../../src/tabs/shared-channel.ts';

type Answer = Omit<SubscribedFrame, 'type' | 'channel' | 'kind'>;

interface Case {
  readonly name: string;
  readonly kind: SubscribedFrame['kind'];
  /** By tab: the position that it presents; null: none. */
  readonly tabs: Readonly<Record<string, string | null>>;
  /** What the server is asked, and says: in turn, until everybody is served. */
  readonly asks: readonly (readonly [asked: string | undefined, answer: Answer])[];
  /** What each tab is told. */
  readonly told: Readonly<Record<string, Answer>>;
}

const cases: readonly Case[] = [
  {
    name: 'nobody presents a position: what is new',
    kind: 'log',
    tabs: { a: null, b: null },
    asks: [[undefined, { position: 'e.9' }]],
    told: { a: { position: 'e.9' }, b: { position: 'e.9' } },
  },
  {
    name: 'all present one: the least is asked for, and everyone goes on from their own',
    kind: 'log',
    tabs: { a: 'e.7', b: 'e.5', c: 'e.9' },
    asks: [['e.5', { position: 'e.5', recovered: true }]],
    told: {
      a: { position: 'e.7', recovered: true },
      b: { position: 'e.5', recovered: true },
      c: { position: 'e.9', recovered: true },
    },
  },
  {
    name: 'some want what is new: they learn first where that begins',
    kind: 'log',
    tabs: { a: null, b: 'e.5' },
    asks: [
      [undefined, { position: 'e.9' }],
      ['e.5', { position: 'e.5', recovered: true }],
    ],
    told: { a: { position: 'e.9' }, b: { position: 'e.5', recovered: true } },
  },
  {
    name: 'the least is lost: only its tab is told so, and the next is asked for',
    kind: 'log',
    tabs: { a: 'e.2', b: 'e.5' },
    asks: [
      ['e.2', { position: 'e.9', recovered: false, cause: 'trimmed' }],
      ['e.5', { position: 'e.5', recovered: true }],
    ],
    told: { a: { position: 'e.9', recovered: false, cause: 'trimmed' }, b: { position: 'e.5', recovered: true } },
  },
  {
    name: 'another history: whoever has a position of the old one has lost',
    kind: 'log',
    tabs: { a: 'd.2', b: null, c: 'd.4' },
    asks: [[undefined, { position: 'e.9' }]],
    told: {
      a: { position: 'e.9', recovered: false, cause: 'epoch' },
      b: { position: 'e.9' },
      c: { position: 'e.9', recovered: false, cause: 'epoch' },
    },
  },
  {
    name: 'a text that is no position is asked about all the same, and its tab hears that it is none',
    kind: 'log',
    tabs: { a: '?!' },
    asks: [['?!', { position: 'e.9', recovered: false, cause: 'invalid' }]],
    told: { a: { position: 'e.9', recovered: false, cause: 'invalid' } },
  },
  {
    name: 'of a state, who has nothing needs everything; who has something drops it',
    kind: 'state',
    tabs: { a: null, b: 'e.5' },
    asks: [[undefined, { position: 'e.0' }]],
    told: { a: { position: 'e.0' }, b: { position: 'e.5', recovered: true } },
  },
  {
    name: 'of a state, what changed since the least position serves all that have one',
    kind: 'state',
    tabs: { a: 'e.7', b: 'e.5' },
    asks: [['e.5', { position: 'e.5', recovered: true }]],
    told: { a: { position: 'e.7', recovered: true }, b: { position: 'e.5', recovered: true } },
  },
  {
    name: 'of a state of another history, everybody is told, for the old keys must go',
    kind: 'state',
    tabs: { a: 'd.7', b: 'd.5' },
    asks: [['d.5', { position: 'e.0', recovered: false, cause: 'epoch' }]],
    told: {
      a: { position: 'e.0', recovered: false, cause: 'epoch' },
      b: { position: 'e.0', recovered: false, cause: 'epoch' },
    },
  },
  {
    name: 'a signal has no positions',
    kind: 'signal',
    tabs: { a: null, b: null },
    asks: [[undefined, {}]],
    told: { a: {}, b: {} },
  },
];

describe('a channel of many tabs', () => {
  it.each(cases)('$name', ({ kind, tabs, asks, told }) => {
    const channel = new SharedChannel<string>('c');
    const heard: Record<string, Answer> = {};
    for (const [tab, position] of Object.entries(tabs))
      expect(channel.join(tab, 1, position ?? undefined)).toBeUndefined();
    for (const [asked, answer] of asks) {
      expect(channel.mustRead()).toBe(true);
      expect(channel.mustRead()).toBe(false);
      expect(channel.present()).toBe(asked);
      for (const { tab, frame } of channel.subscribed({ type: 'subscribed', channel: 'c', kind, ...answer })) {
        const { type: _type, channel: _channel, kind: _kind, ...rest } = frame;
        expect(heard[tab]).toBeUndefined();
        heard[tab] = rest;
      }
    }

    expect(channel.mustRead()).toBe(false);
    expect(heard).toEqual(told);
  });

  it('lets nothing through to a tab that was not told from where on', () => {
    const channel = new SharedChannel<string>('c');
    channel.join('a', 1, undefined);
    channel.subscribed({ type: 'subscribed', channel: 'c', kind: 'log', position: 'e.5' });
    channel.passed('e.6');
    channel.join('b', 1, 'e.5');

    expect([...channel.places].map(([tab, { isOpen }]) => [tab, isOpen])).toEqual([
      ['a', true],
      ['b', false],
    ]);
  });

  it('serves a tab at once that stands where the channel is, or further', () => {
    const channel = new SharedChannel<string>('c');
    channel.join('a', 1, undefined);
    channel.subscribed({ type: 'subscribed', channel: 'c', kind: 'log', position: 'e.5' });
    channel.passed('e.6');
    const answers = [channel.join('b', 1, 'e.6'), channel.join('c', 1, 'e.7'), channel.join('d', 1, undefined)];

    expect(answers.map((answer) => answer?.frame)).toEqual([
      { type: 'subscribed', channel: 'c', kind: 'log', position: 'e.6', recovered: true },
      { type: 'subscribed', channel: 'c', kind: 'log', position: 'e.7', recovered: true },
      { type: 'subscribed', channel: 'c', kind: 'log', position: 'e.6' },
    ]);
    expect(channel.mustRead()).toBe(false);
  });

  it('is read as a whole for a tab whose state is of another history, before it is told of that', () => {
    const channel = new SharedChannel<string>('c');
    channel.join('a', 1, undefined);
    channel.subscribed({ type: 'subscribed', channel: 'c', kind: 'state', position: 'new.0' });
    channel.passed('new.4');

    expect(channel.join('b', 2, 'old.7')).toBeUndefined();
    expect(channel.mustRead()).toBe(true);
    expect(channel.present()).toBeUndefined();
    const answers = channel.subscribed({ type: 'subscribed', channel: 'c', kind: 'state', position: 'new.0' });
    expect(answers).toEqual([
      {
        tab: 'b',
        tag: 2,
        frame: {
          type: 'subscribed',
          channel: 'c',
          kind: 'state',
          position: 'new.0',
          recovered: false,
          cause: 'epoch',
        },
      },
    ]);
  });

  it('is read anew after a cut from where the furthest behind stands, though others were read to beyond it', () => {
    const channel = new SharedChannel<string>('c');
    channel.join('a', 1, undefined);
    channel.subscribed({ type: 'subscribed', channel: 'c', kind: 'log', position: 'e.9' });
    channel.join('b', 1, 'e.2');
    channel.present();
    channel.subscribed({ type: 'subscribed', channel: 'c', kind: 'log', position: 'e.2', recovered: true });
    channel.passed('e.3');
    channel.dropped(true);

    expect(channel.present()).toBe('e.3');
  });

  it('gives up on a server that does not answer to positions, and says so', () => {
    const channel = new SharedChannel<string>('c');
    channel.join('a', 1, 'e.2');
    const told: unknown[] = [];
    for (let answers = 0; answers < 100 && told.length === 0; answers += 1) {
      channel.present();
      told.push(...channel.subscribed({ type: 'subscribed', channel: 'c', kind: 'log', position: 'e.9' }));
    }

    expect(told).toMatchObject([{ frame: { recovered: false } }]);
  });
});
