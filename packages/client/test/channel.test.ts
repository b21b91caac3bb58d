/** How one channel stands: every status x whatever may happen to it, and what is told. */
import type { SubscribedFrame } from '@fanfare/protocol';
import { describe, expect, it, vi } from 'vitest';
import { Channel } from '../src/channel.ts';
import type { ClientError } from '../src/index.ts';
import { added } from './client-harness.ts';

type Status = 'subscribing' | 'subscribed' | 'lost' | 'refused' | 'refused for now';
type Happening = 'confirmed' | 'gap' | 'denied' | 'denied for now' | 'dropped' | 'retried' | 'retried for now';

const REASON = { code: 'FORBIDDEN', message: 'Not yours.' };
const SUBSCRIBED: SubscribedFrame = { type: 'subscribed', channel: 'log:a', kind: 'log', position: 'e.0' };

function make() {
  const host = { wantedChanged: vi.fn(), touched: vi.fn(), report: vi.fn<(error: ClientError) => void>() };
  const channel = new Channel('log:a', host, undefined);
  const lost = vi.fn();
  const off = channel.listen({ lost }, 'a handle');
  return { channel, host, lost, off };
}

const HAPPENINGS: { readonly [H in Happening]: (channel: Channel) => void } = {
  confirmed: (channel) => channel.subscribed(SUBSCRIBED),
  gap: (channel) => channel.subscribed({ ...SUBSCRIBED, recovered: false, cause: 'trimmed' }),
  denied: (channel) => channel.deny(REASON, false),
  'denied for now': (channel) => channel.deny(REASON, true),
  dropped: (channel) => channel.dropped(),
  retried: (channel) => channel.retried(true),
  'retried for now': (channel) => channel.retried(),
};

const INTO: { readonly [S in Status]: Happening | undefined } = {
  subscribing: undefined,
  subscribed: 'confirmed',
  lost: 'gap',
  refused: 'denied',
  'refused for now': 'denied for now',
};

const ANY: Record<Exclude<Happening, 'retried' | 'retried for now'>, Status> = {
  confirmed: 'subscribed',
  gap: 'lost',
  denied: 'refused',
  'denied for now': 'refused for now',
  dropped: 'subscribing',
};

/** A refusal outlives the connection: it was about the channel. */
const TABLE: { readonly [S in Status]: Record<Happening, Status> } = {
  subscribing: { ...ANY, retried: 'subscribing', 'retried for now': 'subscribing' },
  subscribed: { ...ANY, retried: 'subscribed', 'retried for now': 'subscribed' },
  lost: { ...ANY, retried: 'lost', 'retried for now': 'lost' },
  refused: { ...ANY, dropped: 'refused', retried: 'subscribing', 'retried for now': 'refused' },
  'refused for now': {
    ...ANY,
    dropped: 'refused for now',
    retried: 'subscribing',
    'retried for now': 'subscribing',
  },
};

function statusOf({ snapshot: { subscription } }: Channel): string {
  return subscription.status === 'refused' && subscription.retry ? 'refused for now' : subscription.status;
}

const cells = Object.entries(TABLE).flatMap(([status, row]) =>
  Object.entries(row).map(([happening, after]) => ({ status, happening, after })),
);

describe('a channel', () => {
  it.each(cells)('$status x $happening -> $after', ({ status, happening, after }) => {
    const { channel, host, lost } = make();
    const into = INTO[status as Status];
    if (into !== undefined) HAPPENINGS[into](channel);
    vi.clearAllMocks();

    HAPPENINGS[happening as Happening](channel);

    expect(statusOf(channel)).toBe(after);
    expect(lost).toHaveBeenCalledTimes(happening === 'gap' ? 1 : 0);
    expect(host.report.mock.calls.map(([{ code, channel: name }]) => [code, name])).toEqual(
      happening.startsWith('denied') ? [['FORBIDDEN', 'log:a']] : [],
    );
  });

  it.each<readonly [Status, boolean]>([
    ['subscribing', true],
    ['subscribed', true],
    ['lost', true],
    // It could fail the channels beside it.
    ['refused', false],
    ['refused for now', true],
  ])('%s belongs in the next request: %j, and not once nobody listens', (status, isWanted) => {
    const { channel, off } = make();
    const into = INTO[status];
    if (into !== undefined) HAPPENINGS[into](channel);

    expect(channel.isWanted).toBe(isWanted);
    off();
    expect(channel.isWanted).toBe(false);
  });

  it('takes nothing for its own before the server said where it begins: that is of an earlier subscription', () => {
    const { channel } = make();
    const event = vi.fn();
    channel.listen({ event }, 'a handle');

    expect(channel.event(added('log:a', 7))).toBe(true);

    expect(event).not.toHaveBeenCalled();
    expect(channel.processed).toBeUndefined();
  });

  it('lets go of what one handle began, and of nothing else', () => {
    const { channel, host } = make();
    const ended = vi.fn();
    channel.listen({ ended }, 'another');
    channel.listen({ ended }, 'another');
    vi.clearAllMocks();

    channel.release('another');

    expect(ended).toHaveBeenCalledTimes(2);
    expect(host.wantedChanged).toHaveBeenCalled();
    expect(channel.isListenedTo).toBe(true);
  });
});
