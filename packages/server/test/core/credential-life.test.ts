/** A connection ends with its credential: in time, however the wall clock jumps, and never before. */
import { MemoryTransport } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import type { Credential, Handshake } from '../../src/core/index.ts';
import { encoding, type HubFixture, makeHub } from './hub-fixture.ts';

function open({ hub }: HubFixture, credential: Credential | undefined, handshake: Partial<Handshake> = {}) {
  const transport = new MemoryTransport();
  return { transport, connection: hub.open(transport, { encoding, maxAgeMs: 0, credential, ...handshake }) };
}

const expiresIn = ({ clock }: HubFixture, ms: number): Credential => ({
  subject: '7',
  expiresAt: clock.wallTime() + ms,
});

describe('a connection whose credential expires', () => {
  it('gets no event after the grace, and is told to come back with a fresh one', async () => {
    const fixture = makeHub({ limits: { credentialGraceMs: 5000 } });
    // Between two seconds, where the wheel is late.
    const { transport, connection } = open(fixture, expiresIn(fixture, 60_500));
    await connection.subscribe('log:a');

    await fixture.clock.advance(60_500);
    await fixture.publish('log:a', 'in the grace');
    await fixture.clock.advance(5000);
    await fixture.publish('log:a', 'after');

    expect(transport.events.map(({ data }) => data)).toEqual(['in the grace']);
    expect(transport.closedWith).toMatchObject({ code: 3006, reconnect: true });
  });

  it('lives on with a fresh one, and ends with an older one when it gets that', async () => {
    const fixture = makeHub();
    const longer = open(fixture, expiresIn(fixture, 10_000));
    const shorter = open(fixture, expiresIn(fixture, 3_600_000));
    longer.connection.belongTo(expiresIn(fixture, 100_000));
    shorter.connection.belongTo(expiresIn(fixture, 10_000));

    await fixture.clock.advance(16_000);

    expect(longer.transport.closedWith).toBeUndefined();
    expect(shorter.transport.closedWith).toMatchObject({ code: 3006 });
    await fixture.clock.advance(90_000);
    expect(longer.transport.closedWith).toMatchObject({ code: 3006 });
  });

  it.each([-7_200_000, 7_200_000])('does not care when the wall clock jumps by %i ms', async (jump) => {
    const fixture = makeHub();
    const { transport } = open(fixture, expiresIn(fixture, 60_000));

    fixture.clock.setWallTime(fixture.clock.wallTime() + jump);
    await fixture.clock.advance(59_000);
    expect(transport.closedWith).toBeUndefined();
    await fixture.clock.advance(6000);

    expect(transport.closedWith).toMatchObject({ code: 3006 });
  });

  it('says that it has lapsed before its end has come, as after a pause of the process', () => {
    const fixture = makeHub();
    const { connection } = open(fixture, expiresIn(fixture, 60_000));
    connection.belongTo(expiresIn(fixture, -6000));

    expect([connection.closed, connection.lapsed]).toEqual([false, true]);
  });

  it('is closed at once where that has happened before it is opened, as while its access was asked', () => {
    const fixture = makeHub();
    const { connection, transport } = open(fixture, expiresIn(fixture, -6000));

    expect(connection.closed).toBe(true);
    expect(transport.closedWith).toMatchObject({ code: 3006, reconnect: true });
  });
});

describe('a connection whose credential is revoked', () => {
  it('ends at once and for good, and no other', () => {
    const fixture = makeHub();
    const [an, binh, nobody] = [{ subject: 'an' }, { subject: 'binh' }, undefined].map((who) => open(fixture, who));

    expect(fixture.hub.revoke(({ subject }) => subject === 'an')).toBe(1);

    expect(an?.transport.closedWith).toMatchObject({ code: 3508, reconnect: false });
    expect([binh?.transport.closedWith, nobody?.transport.closedWith]).toEqual([undefined, undefined]);
  });

  it('does not open, and does not take such a credential', () => {
    const fixture = makeHub({ isRevoked: ({ tokenId }) => tokenId === 'stolen' });
    const late = open(fixture, { subject: 'an', tokenId: 'stolen' });
    const early = open(fixture, { subject: 'an', tokenId: 'fine' });
    early.connection.belongTo({ subject: 'an', tokenId: 'stolen' });

    for (const { transport } of [late, early]) expect(transport.closedWith).toMatchObject({ code: 3508 });
    expect(fixture.hub.connectionCount).toBe(0);
  });
});
