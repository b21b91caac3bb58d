import { describe, expect, it } from 'vitest';
import { manyChannelsSse, oneChannelSse, plainSse } from '../../src/transports/sse/encoding.ts';
import { wsEncoding } from '../../src/transports/ws/encoding.ts';

const FACTS = { cursor: 'abc.1', connections: 1, subscribers: 1 };

describe.each([oneChannelSse, manyChannelsSse, plainSse, wsEncoding])('the heartbeat of $name', ({ control }) => {
  const beat = (time: number, cursor = FACTS.cursor): Uint8Array =>
    control({ type: 'heartbeat', time }, { ...FACTS, cursor });

  it('is made once for all who are due at one moment, wherever they stand', () => {
    expect(beat(1000, 'abc.7')).toBe(beat(1000, 'abc.1'));
  });

  it('tells the time, and no position', () => {
    const [first, second] = [beat(1000), beat(2000)].map((bytes) => Buffer.from(bytes).toString('latin1'));

    expect(first).toContain('{"type":"heartbeat","time":1000}');
    expect(second).toContain('{"type":"heartbeat","time":2000}');
    expect(first).not.toContain('id:');
  });
});
