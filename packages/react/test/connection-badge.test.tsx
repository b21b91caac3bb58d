// @vitest-environment jsdom
/** What the badge says for every state of a connection, to the eye and to a screen reader. */
import type { ConnectionState } from '@fanfare/client';
import { CLOSE_CODES } from '@fanfare/protocol';
import { act } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ConnectionBadge, setLanguage } from '../src/index.ts';
import { find, mount, unmountAll } from './mount.ts';

const NOW = Date.UTC(2026, 10, 20, 12);

function because(code: string): { readonly code: string; readonly message: string } {
  return { code, message: `as it came from ${code}` };
}

const BLOCKED = because('LIVE_BLOCKED');

beforeEach(() => {
  vi.useFakeTimers({ now: NOW });
  setLanguage('en');
});

afterEach(async () => {
  await unmountAll();
  vi.useRealTimers();
});

async function badge(connection: ConnectionState, onRetry = vi.fn()): Promise<HTMLElement> {
  const { container } = await mount(<ConnectionBadge connection={connection} onRetry={onRetry} />);
  return container;
}

function visible(container: HTMLElement): string {
  const button = find(container, 'button').cloneNode(true);
  if (!(button instanceof HTMLElement)) throw new Error('a clone of a button is a button');
  find(button, '[role=tooltip]').remove();
  find(button, '.connection__short').remove();
  return [...button.children]
    .map((part) => part.textContent)
    .filter((text) => text !== '')
    .join(' ');
}

function reason(container: HTMLElement): string {
  return find(container, '[role=tooltip]').textContent ?? '';
}

describe('the words of the badge', () => {
  it.each(Object.values(CLOSE_CODES).flatMap(({ code }) => [['en', code] as const, ['vi', code] as const]))(
    'in %s know the close code %i',
    async (language, code) => {
      setLanguage(language);
      const status = code < 3500 ? 'reconnecting' : 'failed';

      const container = await badge({ status, reason: because(`CLOSED_${code}`) });

      expect(reason(container)).not.toContain('as it came');
    },
  );

  const table: readonly [ConnectionState, string, string][] = [
    [{ status: 'idle' }, 'Not connected', 'Nothing is being followed yet.'],
    [{ status: 'connecting' }, 'Connecting', 'The first connection is on its way.'],
    [{ status: 'live', latencyMs: 12.4 }, 'Live 12 ms', 'Every change arrives at once.'],
    [{ status: 'live', latencyMs: 0.2 }, 'Live 1 ms', 'Every change arrives at once.'],
    [{ status: 'live', latencyMs: 9, transport: 'ws' }, 'Live 9 ms WebSocket', 'at once, over WebSocket.'],
    [
      { status: 'live', latencyMs: 9, transport: 'sse', reason: BLOCKED },
      'Live 9 ms SSE',
      'WebSocket does not get through',
    ],
    [{ status: 'reconnecting' }, 'Reconnecting', 'The connection was lost.'],
    [{ status: 'reconnecting', retryAt: NOW + 2400 }, 'Reconnecting in 3 s', 'The connection was lost.'],
    [{ status: 'reconnecting', retryAt: NOW - 5 }, 'Reconnecting now', 'The connection was lost.'],
    [{ status: 'polling' }, 'Polling', 'this page asks every few seconds'],
    [{ status: 'polling', latencyMs: 31 }, 'Polling 31 ms', 'this page asks every few seconds'],
    [{ status: 'polling', reason: BLOCKED }, 'Polling', 'Neither WebSocket nor SSE gets through here.'],
    [{ status: 'polling', reason: because('TRANSPORTS_SET') }, 'Polling', 'The operator has set polling.'],
    [{ status: 'polling', reason: because('SHORT_LIVED') }, 'Polling', 'cut after moments'],
    [{ status: 'reconnecting', reason: because('HTTP_502') }, 'Reconnecting', 'The server answered 502.'],
    [{ status: 'reconnecting', reason: because('CLOSED_3000') }, 'Reconnecting', 'The server is restarting.'],
    [{ status: 'failed', reason: because('SOMETHING_NEW') }, 'Stopped', 'as it came from SOMETHING_NEW'],
    [{ status: 'offline' }, 'Offline', 'This device has no network.'],
    [{ status: 'failed', reason: because('FORBIDDEN') }, 'Stopped', 'You have no access to this.'],
  ];

  it.each(table)('%j shows "%s"', async (connection, text, because) => {
    const container = await badge(connection);

    expect(visible(container)).toBe(text);
    expect(reason(container)).toContain(because);
    expect(find(container, 'button').getAttribute('aria-describedby')).toBe(find(container, '[role=tooltip]').id);
    expect(find(container, 'button').dataset['status']).toBe(connection.status);
  });

  it('has a short form of its long word, with the countdown, for a page that has no room', async () => {
    const container = await badge({ status: 'reconnecting', retryAt: NOW + 2400 });

    expect(find(container, '.connection__short').textContent).toBe('Retry 3 s');
    expect(find(container, '.connection__short').getAttribute('aria-hidden')).toBe('true');
  });

  it('is in Vietnamese where the page is', async () => {
    setLanguage('vi');

    const container = await badge({ status: 'live', latencyMs: 9 });

    expect(visible(container)).toBe('Trực tiếp 9 ms');
  });

  it('tells a cause that the client names in the language of the page', async () => {
    setLanguage('vi');

    const container = await badge({
      status: 'reconnecting',
      reason: { code: 'HEARTBEAT_LOST', message: 'The server was silent for more than two heartbeats.' },
    });

    expect(reason(container)).toContain('Máy chủ im lặng quá lâu.');
  });
});

describe('the countdown', () => {
  it('counts down to the next attempt', async () => {
    const container = await badge({ status: 'reconnecting', retryAt: NOW + 3000 });
    expect(visible(container)).toBe('Reconnecting in 3 s');

    await act(() => vi.advanceTimersByTimeAsync(1100));
    expect(visible(container)).toBe('Reconnecting in 2 s');
    await act(() => vi.advanceTimersByTimeAsync(2000));
    expect(visible(container)).toBe('Reconnecting now');
  });

  it('is not read aloud: only the status and its reason are', async () => {
    const container = await badge({ status: 'reconnecting', retryAt: NOW + 3000 });
    const live = find(container, '[aria-live=polite]');
    const said = live.textContent;

    await act(() => vi.advanceTimersByTimeAsync(2000));

    expect(said).toMatch(/^Reconnecting\. The connection was lost\./);
    expect(live.textContent).toBe(said);
  });
});

describe('pressing the badge', () => {
  it.each(['reconnecting', 'polling', 'offline', 'failed'] as const)('tries again now while %s', async (status) => {
    const onRetry = vi.fn();
    const container = await badge({ status }, onRetry);

    await act(async () => find(container, 'button').click());

    expect(onRetry).toHaveBeenCalledOnce();
  });

  it.each(['live', 'connecting', 'idle'] as const)('does nothing while %s', async (status) => {
    const onRetry = vi.fn();
    const container = await badge({ status }, onRetry);

    await act(async () => find(container, 'button').click());

    expect(onRetry).not.toHaveBeenCalled();
  });
});
