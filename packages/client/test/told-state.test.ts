/** The order in which everyone hears of the connection's states. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ConnectionState, ConnectionStatus } from '../src/index.ts';
import { ToldState } from '../src/told-state.ts';

const CONNECTING: ConnectionState = { status: 'connecting' };
const LIVE: ConnectionState = { status: 'live', transport: 'ws', latencyMs: 12 };
const REASON = { code: 'NETWORK', message: 'cut' };
const WAITING: ConnectionState = { status: 'reconnecting', retryAt: 1_000_000, reason: REASON };

/** Every change that was told, as `from>to`. */
function listen(): { readonly told: ToldState; readonly heard: string[] } {
  const heard: string[] = [];
  const told = new ToldState((state, previous) => heard.push(`${previous.status}>${state.status}`));
  return { told, heard };
}

describe('the state that everyone was told', () => {
  it('is idle at first, and nobody is told of that', () => {
    const { told, heard } = listen();

    told.become({ status: 'idle' });

    expect(told.state).toEqual({ status: 'idle' });
    expect(heard).toEqual([]);
  });

  it('is told with the one before it', () => {
    const { told, heard } = listen();

    told.become(CONNECTING);
    told.become(LIVE);

    expect(heard).toEqual(['idle>connecting', 'connecting>live']);
  });

  it.each<readonly [string, ConnectionState, ConnectionState]>([
    ['the same again', LIVE, { ...LIVE }],
    ['one that differs in what is not there', LIVE, { ...LIVE, reason: undefined }],
  ])('stays the same object for %s', (_, one, other) => {
    const { told, heard } = listen();
    told.become(one);
    const first = told.state;

    told.become(other);

    expect(told.state).toBe(first);
    expect(heard).toHaveLength(1);
  });

  it.each<readonly [string, ConnectionState, ConnectionState]>([
    ['another status', CONNECTING, { status: 'failed', reason: REASON }],
    ['another transport', LIVE, { ...LIVE, transport: 'sse' }],
    ['another latency', LIVE, { ...LIVE, latencyMs: 13 }],
    ['a reason that appears', LIVE, { ...LIVE, reason: REASON }],
    ['a reason with other words', WAITING, { ...WAITING, reason: { ...REASON, message: 'silent' } }],
    ['another time of the next attempt', WAITING, { ...WAITING, retryAt: 1_000_001 }],
  ])('is told for %s', (_, one, other) => {
    const { told, heard } = listen();
    told.become(one);

    told.become(other);

    expect(told.state).toEqual(other);
    expect(heard).toHaveLength(2);
  });

  it('changed by one who is told: the others hear of both, in order', () => {
    const heard: string[] = [];
    const told: ToldState = new ToldState((state) => {
      heard.push(`first: ${state.status}`);
      if (state.status === 'connecting') told.become(LIVE);
      heard.push(`second: ${state.status}`);
    });

    told.become(CONNECTING);

    expect(heard).toEqual(['first: connecting', 'second: connecting', 'first: live', 'second: live']);
  });

  it('is already the new one for who looks while the change before it is told', () => {
    const told: ToldState = new ToldState((state) => {
      if (state.status !== 'connecting') return;
      told.become(LIVE);
      expect(told.state).toBe(LIVE);
    });

    told.become(CONNECTING);

    expect(told.state).toBe(LIVE);
  });

  it('in any nesting, every change begins where the last one ended, and the last one told is what is', () => {
    const statuses: readonly ConnectionStatus[] = ['idle', 'connecting', 'live', 'reconnecting', 'offline', 'failed'];
    const status = fc.constantFrom(...statuses);
    fc.assert(
      fc.property(
        fc.array(status, { maxLength: 10 }),
        fc.array(fc.option(status), { maxLength: 10 }),
        (turns, nested) => {
          const replies = [...nested];
          const told: ToldState = new ToldState((state, previous) => {
            expect(previous).toBe(last);
            expect(state).not.toBe(previous);
            last = state;
            const reply = replies.shift();
            if (reply) told.become({ status: reply });
          });

          let last = told.state;
          for (const turn of turns) {
            told.become({ status: turn });

            expect(told.state.status).toBe(last.status);
          }
        },
      ),
    );
  });
});
