/** `live.open`: a connection of the hub over a wire that the application reads and writes itself. */
import { describe, expect, it, vi } from 'vitest';
import { type CloseFrame, type Encoding, log, type SendOutcome, type Transport } from '../../src/index.ts';
import { expectNothingOpen, startWith } from './live-fixture.ts';

const map = { 'room:{id}': log({ access: ({ identity }) => (identity ? { allow: true } : DENIED) }) };
const DENIED = { allow: false, status: 403, code: 'FORBIDDEN' } as const;

/** One line per event; the cursor of the connection ends it. */
const lines: Encoding = {
  name: 'lines',
  event: ({ event, dataJson }) => Buffer.from(`${event} ${dataJson} `),
  trailer: (cursor) => Buffer.from(`${cursor}\n`),
  control: ({ type }) => Buffer.from(type === 'heartbeat' ? '' : `<${type}>\n`),
};

class Wire implements Transport {
  text = '';
  bufferedBytes = 0;
  outcome: SendOutcome = 'written';
  closedWith: CloseFrame | undefined;

  send(chunks: readonly Uint8Array[]): SendOutcome {
    this.text += Buffer.concat(chunks).toString();
    return this.outcome;
  }

  close(frame: CloseFrame): void {
    this.closedWith = frame;
  }
}

const somebody = { encoding: lines, label: 'lines', identity: { subject: 'user-7', roles: [] } };

describe('a connection over a wire of the application', () => {
  it('gets events with the cursor from which a later one goes on, without loss', async () => {
    await using server = await startWith({ channels: map });
    const first = new Wire();
    const connection = server.live.open(first, somebody);
    await connection.command({ type: 'subscribe', channel: 'room:a' });
    await connection.command({ type: 'subscribe', channel: 'room:b' });
    await server.live.channel('room:a').publish('said', 1);
    await vi.waitFor(() => expect(first.text).toContain('said 1'));
    const cursor = /said 1 (\S+)\n/.exec(first.text)?.[1] ?? '';
    expect(cursor).toBe(connection.cursor);
    connection.ended();
    await server.live.channel('room:a').publish('said', 2);
    await server.live.channel('room:b').publish('said', 3);

    const second = new Wire();
    const again = server.live.open(second, somebody);
    const outcomes = [
      await again.subscribe('room:a', { after: cursor }),
      await again.subscribe('room:b', { after: cursor }),
    ];

    await vi.waitFor(() => expect(second.text).toMatch(/said 2 [\s\S]*said 3 /));
    expect(outcomes).toMatchObject([{ frame: { recovered: true } }, { frame: { recovered: true } }]);
    expect(server.live.connections()).toMatchObject([{ id: again.id, label: 'lines', identity: 'user-7' }]);
    again.ended();
    await expectNothingOpen(server);
  });

  it('is asked who it belongs to by the access rules', async () => {
    await using server = await startWith({ channels: map });
    const nobody = server.live.open(new Wire(), { encoding: lines, label: 'lines' });

    const answer = await nobody.command({ type: 'subscribe', id: 4, channel: 'room:a' });

    expect(answer).toMatchObject({ told: false, frame: { type: 'error', id: 4, code: 'FORBIDDEN' } });
    nobody.ended();
  });

  it('ends with its credential, unless a fresh one of the same subject comes in time', async () => {
    await using server = await startWith({ channels: map, limits: { credentialGraceMs: 1000 } });
    const expiring = { ...somebody.identity, expiresAt: Date.now() + 500 };
    const [left, kept, nobodys] = [new Wire(), new Wire(), new Wire()];
    server.live.open(left, { ...somebody, identity: expiring });
    const connection = server.live.open(kept, { ...somebody, identity: expiring });
    const nobody = server.live.open(nobodys, { encoding: lines, label: 'lines' });

    connection.belongTo(somebody.identity);
    nobody.belongTo(expiring);
    await vi.waitUntil(() => left.closedWith !== undefined && nobodys.closedWith !== undefined, { timeout: 10_000 });

    expect([left, nobodys].map(({ closedWith }) => closedWith?.code)).toEqual([3006, 3006]);
    expect(kept.closedWith).toBeUndefined();
    expect(() => connection.belongTo({ subject: 'user-8', roles: [] })).toThrow(/somebody else/);
    connection.ended();
  });

  it('ends when what it belongs to is revoked', async () => {
    await using server = await startWith({ channels: map });
    const wire = new Wire();
    server.live.open(wire, somebody);

    expect(await server.live.revoke({ subject: 'user-7' })).toBe(1);
    expect(wire.closedWith).toMatchObject({ code: 3508, reconnect: false });
  });

  it('waits for a wire that is behind, its own bytes in order with the events', async () => {
    await using server = await startWith({ channels: map });
    const wire = new Wire();
    const connection = server.live.open(wire, somebody);
    await connection.subscribe('room:a');
    await vi.waitFor(() => expect(wire.text).toContain('<subscribed>'));
    wire.outcome = 'buffered';
    connection.tell(Buffer.from('before\n'));
    await vi.waitFor(() => expect(wire.text).toContain('before'));

    await server.live.channel('room:a').publish('said', 1);
    connection.tell(Buffer.from('between\n'));
    await server.live.channel('room:a').publish('said', 2);
    await new Promise((resolve) => setImmediate(resolve));
    expect(wire.text).not.toContain('said');
    wire.outcome = 'written';
    connection.drained();

    await vi.waitFor(() => expect(wire.text).toMatch(/before\n(said 1 \S+\n)?between\n/));
    expect(wire.text.replace(/ \S+\n/g, '\n')).toMatch(/before\n[\s\S]*between\n[\s\S]*said 2/);
    connection.ended();
  });

  it('is ended by operators and by a drain, as any other', async () => {
    await using server = await startWith({ channels: map });
    const wire = new Wire();
    const connection = server.live.open(wire, somebody);
    expect(server.live.disconnect(({ identity }) => identity === 'user-7')).toBe(1);
    expect(wire.closedWith).toMatchObject({ code: 3507, reconnect: false });
    expect(connection.closed).toBe(true);

    const other = new Wire();
    server.live.open(other, somebody);
    await server.live.drain({ overMs: 5 });
    const late = new Wire();
    server.live.open(late, somebody);

    expect(other.closedWith).toMatchObject({ code: 3000, reconnect: true });
    expect(late.closedWith).toMatchObject({ code: 3000 });
  });

  it('is in no count where it is no client', async () => {
    await using server = await startWith({ channels: map, limits: { maxConnections: 1 } });
    const own = server.live.open(new Wire(), { ...somebody, isServer: true });
    await own.subscribe('room:a');
    const client = server.live.open(new Wire(), somebody);
    await client.subscribe('room:a');

    expect(server.live.stats()).toMatchObject({ connections: 1, subscriptions: 1 });
    expect(server.live.connections().map(({ isServer }) => isServer)).toEqual([true, undefined]);
    own.ended();
    client.ended();
    await expectNothingOpen(server);
  });
});
