import { decodeCursor } from '@fanfare/protocol';
import { MemoryTransport } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import { join, makeHub } from './hub-fixture.ts';

/** A peer on a thin line: the socket holds what the test says. */
class ThinTransport extends MemoryTransport {
  held = 0;

  override get bufferedBytes(): number {
    return this.held;
  }

  override send(chunks: readonly Uint8Array[]): ReturnType<MemoryTransport['send']> {
    super.send(chunks);
    return this.held > 0 ? 'buffered' : 'written';
  }
}

const signal = (fixture: ReturnType<typeof makeHub>, data: string): void =>
  fixture.hub.broadcast({ channel: 'signal:a', event: 'typing', dataJson: JSON.stringify(data) });

describe('the bounds of a slow reader', () => {
  /** Sixty-four signals fitted the count and not the cap, and the reader was closed for something worth nothing. */
  it('make room by dropping signals, oldest first, and never close it for them', async () => {
    const fixture = makeHub({ limits: { maxBufferedBytes: 4000 } });
    const slow = await join(fixture, ['signal:a', 'log:a']);
    slow.transport.pause();
    await fixture.publish('log:a', 'kept');
    await fixture.clock.settle();

    await fixture.publish('log:a', 'kept too');
    for (let n = 0; n < 40; n += 1) signal(fixture, `${n} ${'x'.repeat(300)}`);
    await fixture.clock.settle();
    expect(slow.connection.closed).toBe(false);
    expect(slow.connection.delivery.bufferedBytes).toBeLessThanOrEqual(4000);
    slow.transport.resume();
    slow.connection.drained();
    await fixture.clock.settle();

    expect(slow.data('log:a')).toEqual(['kept', 'kept too']);
    const signals = slow.data('signal:a').map((data) => Number.parseInt(String(data), 10));
    expect(signals.at(-1)).toBe(39);
    expect(signals.length + fixture.hub.stats().droppedSignals).toBe(40);
  });

  it('hold for control frames too: a client that commands and never reads is closed', async () => {
    const fixture = makeHub({ limits: { maxBufferedBytes: 4000 } });
    const slow = await join(fixture, 'log:a');
    slow.transport.pause();
    await fixture.publish('log:a', 1);
    await fixture.clock.settle();

    for (let n = 0; n < 100; n += 1) {
      slow.connection.control({ type: 'error', code: 'RATE_LIMITED', message: 'Too many commands.' });
    }

    expect(slow.connection.closed).toBe(true);
  });

  it('count the cursor that ends every event on a stream of many channels', async () => {
    const fixture = makeHub({ limits: { maxBufferedBytes: 20_000 } });
    const channels = Array.from({ length: 60 }, (_, n) => `log:${n}`);
    const slow = await join(fixture, channels);
    slow.transport.pause();
    await fixture.publish('log:0', 0);
    await fixture.clock.settle();

    // 60 events of about 80 bytes are far below the cap, their cursors of about 600 bytes are not.
    for (const channel of channels) await fixture.publish(channel, 1);
    await fixture.clock.settle();

    expect(slow.connection.closed).toBe(true);
  });

  it('end the reader of a log whose bytes wait in the socket alone', async () => {
    const fixture = makeHub({ limits: { stallMs: 5000 } });
    const slow = await join(fixture, 'log:a');
    slow.transport.pause();
    await fixture.publish('log:a', 1);

    await fixture.clock.advance(7000);

    expect(slow.transport.closedWith).toMatchObject({ code: 3002 });
  });

  /** Stalled was "not yet through with it": a thin line was cut in the middle of its history, again and again. */
  it('leave the reader alone while it reads, however slowly, and end it once it stops', async () => {
    const fixture = makeHub({ limits: { stallMs: 5000 } });
    const transport = new ThinTransport();
    const slow = await join(fixture, 'log:a', { transport });
    transport.held = 400_000;
    await fixture.publish('log:a', 1);
    for (let second = 0; second < 40; second += 1) {
      await fixture.clock.advance(1000);
      transport.held -= 5000;
    }
    expect(slow.connection.closed).toBe(false);

    await fixture.clock.advance(8000);
    expect(slow.connection.closed).toBe(true);
  });

  /** History for a second channel went into the outbox of a peer that was behind on the first, and over its cap. */
  it('let history wait for it instead of closing it', async () => {
    const fixture = makeHub({ limits: { maxBufferedBytes: 4000 } });
    await join(fixture, 'log:b');
    for (let n = 1; n <= 50; n += 1) await fixture.publish('log:b', [n, 'x'.repeat(200)]);
    const { epoch } = await fixture.broker.head('log:b');
    const slow = await join(fixture, ['log:a', 'log:c']);
    slow.transport.pause();
    await fixture.publish('log:a', 1);
    await fixture.clock.settle();

    const outcome = await slow.connection.subscribe('log:b', { position: { epoch, offset: 0 } });
    await fixture.publish('log:b', [51]);
    await fixture.clock.settle();
    expect(slow.connection.closed).toBe(false);
    slow.transport.resume();
    slow.connection.drained();
    await fixture.clock.settle();

    expect(outcome).toMatchObject({ kind: 'subscribed', frame: { recovered: true } });
    expect(slow.data('log:b').map((data) => (Array.isArray(data) ? data[0] : data))).toEqual(
      Array.from({ length: 51 }, (_, n) => n + 1),
    );
  });

  /** Each channel counted its own slice: a hundred histories were queued before the first byte left. */
  it('hold for the history of many channels at once', async () => {
    const fixture = makeHub();
    const channels = Array.from({ length: 20 }, (_, n) => `log:${n}`);
    await join(fixture, channels);
    for (const channel of channels) {
      for (let n = 0; n < 10; n += 1) await fixture.publish(channel, 'x'.repeat(10_000));
    }
    const { epoch } = await fixture.broker.head('log:0');
    const transport = new MemoryTransport();
    transport.pause();

    const slow = await join(fixture, channels, { transport, position: { epoch, offset: 0 } });
    expect(transport.bufferedBytes).toBeLessThan(400_000);
    transport.resume();
    slow.connection.drained();
    await fixture.clock.settle();

    for (const channel of channels) expect(slow.data(channel)).toHaveLength(10);
  });

  it('get no heartbeats while it is behind: there are bytes enough to prove life', async () => {
    const fixture = makeHub({ limits: { deadMs: 300_000 } });
    const slow = await join(fixture, 'state:a');
    slow.transport.pause();
    await fixture.publish('state:a', 1);
    await fixture.clock.advance(200_000);

    slow.transport.resume();
    slow.connection.drained();
    await fixture.clock.settle();

    expect(slow.transport.types).not.toContain('heartbeat');
  });

  it('keep nothing of a channel that it has left', async () => {
    const fixture = makeHub();
    const slow = await join(fixture, ['log:a', 'log:b']);
    slow.transport.pause();
    for (const n of [1, 2]) {
      await fixture.publish('log:a', n);
      await fixture.publish('log:b', n);
      await fixture.clock.settle();
    }

    slow.connection.unsubscribe('log:a');
    slow.transport.resume();
    slow.connection.drained();
    await fixture.clock.settle();

    expect(slow.data('log:a')).toEqual([1]);
    expect(slow.data('log:b')).toEqual([1, 2]);
    const cursor = decodeCursor(slow.transport.received.at(-1)?.cursor ?? '');
    expect(cursor.ok && cursor.value.position('log:a')).toBeUndefined();
  });
});
