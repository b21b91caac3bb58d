/** The SSE serializer and reader together: nothing lost in any chunking, nothing forged by any field [PROTOCOL §6.1]. */
import { createParser } from 'eventsource-parser';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  encodeSseComment,
  encodeSseEnd,
  encodeSseEvent,
  encodeSseRetry,
  encodeSseStart,
  SseDecoder,
  type SseEvent,
  type SseFields,
} from '../src/index.ts';
import { cut, eventName, nastyText, places } from './arbitraries.ts';

const id = fc.stringMatching(/^[A-Za-z0-9._~-]{1,20}$/);
const fields = fc.record({ event: eventName, id, data: nastyText }, { requiredKeys: ['data'] });

function decodeText(chunks: readonly string[]): SseEvent[] {
  const events: SseEvent[] = [];
  const decoder = new SseDecoder({ onEvent: (event) => events.push(event) });
  for (const chunk of chunks) decoder.feed(chunk);
  return events;
}

function decodeBytes(chunks: readonly Uint8Array[]): SseEvent[] {
  const utf8 = new TextDecoder('utf-8', { ignoreBOM: true });
  return decodeText([...chunks.map((chunk) => utf8.decode(chunk, { stream: true })), utf8.decode()]);
}

/** What a reader must see: all three line ends are one, and the last id stays. */
function expected(sent: readonly SseFields[]): SseEvent[] {
  let last = '';
  return sent.map((event) => {
    last = event.id ?? last;
    return { event: event.event ?? 'message', data: event.data.replace(/\r\n|\r/g, '\n'), id: last };
  });
}

describe('encoder and decoder', () => {
  it('give the events back in any chunking of the bytes', () => {
    fc.assert(
      fc.property(fc.array(fields, { maxLength: 6 }), places, fc.boolean(), (sent, at, bom) => {
        const wire = new TextEncoder().encode((bom ? '\uFEFF' : '') + sent.map(encodeSseEvent).join(''));

        expect(decodeBytes(cut(wire, at))).toEqual(expected(sent));
      }),
      { numRuns: 1000 },
    );
  });

  it('give the events back byte by byte, with all three line ends of a foreign server', () => {
    const end = fc.constantFrom('\r\n', '\n', '\r');
    fc.assert(
      fc.property(fc.array(fields, { maxLength: 4 }), end, (sent, lineEnd) => {
        const wire = new TextEncoder().encode(sent.map(encodeSseEvent).join('').replaceAll('\n', lineEnd));

        expect(decodeBytes(Array.from(wire, (byte) => Uint8Array.of(byte)))).toEqual(expected(sent));
      }),
    );
  });

  it('deliver only whole blocks when the stream is cut after any byte', () => {
    const sent: SseFields[] = [
      { event: 'a', id: '1', data: 'x\r\ny' },
      { data: 'điểm 21–19' },
      { event: 'b', id: '2', data: '' },
    ];
    const wire = new TextEncoder().encode(sent.map(encodeSseEvent).join(''));
    const all = expected(sent);

    for (let length = 0; length <= wire.length; length += 1) {
      const seen = decodeBytes([wire.slice(0, length)]);
      expect(seen).toEqual(all.slice(0, seen.length));
    }
    expect(decodeBytes([wire])).toEqual(all);
  });

  it('forge nothing: an independent reader sees the same events, ids and no retry, whatever a field holds', () => {
    fc.assert(
      fc.property(fc.array(fields, { maxLength: 6 }), (sent) => {
        const seen: SseEvent[] = [];
        const retries: number[] = [];
        let last = '';
        const parser = createParser({
          onEvent: (event) => {
            last = event.id ?? last;
            seen.push({ event: event.event ?? 'message', data: event.data, id: last });
          },
          onRetry: (ms) => retries.push(ms),
        });

        parser.feed(sent.map(encodeSseEvent).join(''));

        expect(seen).toEqual(expected(sent));
        expect(retries).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it('refuse or carry any event name and any id, and never let one end its line', () => {
    fc.assert(
      fc.property(nastyText, nastyText, (event, anyId) => {
        let wire: string;
        try {
          wire = encodeSseEvent({ event, id: anyId, data: 'x' });
        } catch (error) {
          expect(error).toBeInstanceOf(TypeError);
          return;
        }
        expect(decodeText([wire])).toEqual([{ event, data: 'x', id: anyId }]);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('the encoder', () => {
  it('writes a block as documented', () => {
    expect(encodeSseEvent({ event: 'point', id: 'e.1', data: 'a\r\nb\rc\nd' })).toBe(
      'event: point\ndata: a\ndata: b\ndata: c\ndata: d\nid: e.1\n\n',
    );
    expect(encodeSseEvent({ data: '' })).toBe('data: \n\n');
    expect(encodeSseStart({ event: 'a', data: 'b' }) + encodeSseEnd('c')).toBe(
      encodeSseEvent({ event: 'a', data: 'b', id: 'c' }),
    );
  });

  it.each(['\r', '\n', '\0', 'a\rdata: forged', 'a\n\ndata: forged', ''])('refuses the event name %j', (event) => {
    expect(() => encodeSseEvent({ event, data: 'x' })).toThrow(TypeError);
  });

  it.each(['\r', '\n', '\0', 'a b', 'é', 'a\r', '1,2', '\uFEFF', '\u2028'])('refuses the id %j', (bad) => {
    expect(() => encodeSseEvent({ id: bad, data: 'x' })).toThrow(TypeError);
  });

  it.each(['\r', '\n', '\0'])('refuses %j in a comment', (bad) => {
    expect(() => encodeSseComment(`a${bad}b`)).toThrow(TypeError);
    expect(decodeText([encodeSseComment('data: x')])).toEqual([]);
  });

  it.each([
    [0, 1000],
    [-5, 1000],
    [1499.6, 1500],
    [60_001, 60_000],
    [Number.POSITIVE_INFINITY, 60_000],
  ])('clamps a retry of %d to %d ms', (ms, written) => {
    expect(encodeSseRetry(ms)).toBe(`retry: ${written}\n\n`);
  });

  it('refuses a retry that is no number', () => {
    expect(() => encodeSseRetry(Number.NaN)).toThrow(TypeError);
  });
});
