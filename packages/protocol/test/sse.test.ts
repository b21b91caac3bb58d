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
  SseBlockTooLong,
  SseDecoder,
  type SseEvent,
  type SseFields,
} from '../src/index.ts';
import { cut, eventName } from './arbitraries.ts';

/** Every character that means something to some SSE reader, between ordinary ones. */
const nastyText = fc
  .array(
    fc.oneof(
      fc.constantFrom('\r', '\n', '\r\n', '\0', ':', ' ', '\uFEFF', '\u2028', '\u2029', '\u0085', '\v', '\f'),
      fc.constantFrom('data: x', 'id: 9', 'event: close', 'retry: 1', '\n\n', '\r\r'),
      fc.string({ unit: 'grapheme', maxLength: 6 }),
    ),
    { maxLength: 12 },
  )
  .map((parts) => parts.join(''));
const id = fc.stringMatching(/^[A-Za-z0-9._~-]{1,20}$/);
const fields = fc.record({ event: eventName, id, data: nastyText }, { requiredKeys: ['data'] });
const places = fc.array(fc.nat(100_000), { maxLength: 40 });

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

describe('the decoder, by the HTML standard', () => {
  it.each<[string, string, SseEvent[]]>([
    ['ignores one byte order mark at the start', '\uFEFFdata: 1\n\n', [{ event: 'message', data: '1', id: '' }]],
    ['does not ignore a second one', '\uFEFF\uFEFFdata: 1\n\ndata: 2\n\n', [{ event: 'message', data: '2', id: '' }]],
    ['does not ignore one further on', 'data: 1\n\n\uFEFFdata: 2\n\n', [{ event: 'message', data: '1', id: '' }]],
    [
      'takes CR, LF and CR LF mixed',
      'data: 1\rdata: 2\r\ndata: 3\n\r',
      [{ event: 'message', data: '1\n2\n3', id: '' }],
    ],
    [
      'takes off one space after the colon, no more',
      'data:  x\ndata:y\ndata:\tz\n\n',
      [{ event: 'message', data: ' x\ny\n\tz', id: '' }],
    ],
    [
      'reads a line without a colon as a field without a value',
      'data\ndata\n\n',
      [{ event: 'message', data: '\n', id: '' }],
    ],
    [
      'ignores comments and unknown fields',
      ': hi\nfoo: bar\n data: no\nDATA: no\ndata: 1\n\n',
      [{ event: 'message', data: '1', id: '' }],
    ],
    [
      'does not dispatch a block without data',
      'event: a\nid: 7\n\ndata: 1\n\n',
      [{ event: 'message', data: '1', id: '7' }],
    ],
    [
      'does not dispatch a block without its blank line',
      'data: 1\n\ndata: 2\n',
      [{ event: 'message', data: '1', id: '' }],
    ],
    [
      'ignores an id that holds NUL',
      'id: 1\ndata: a\n\nid: 2\0\ndata: b\n\n',
      [
        { event: 'message', data: 'a', id: '1' },
        { event: 'message', data: 'b', id: '1' },
      ],
    ],
    [
      'resets the id on an empty one',
      'id: 1\ndata: a\n\nid\ndata: b\n\n',
      [
        { event: 'message', data: 'a', id: '1' },
        { event: 'message', data: 'b', id: '' },
      ],
    ],
    [
      'forgets the event name after the block',
      'event: a\ndata: 1\n\ndata: 2\n\n',
      [
        { event: 'a', data: '1', id: '' },
        { event: 'message', data: '2', id: '' },
      ],
    ],
    [
      'does not take U+2028, U+0085 or VT for a line end',
      'data: a\u2028b\u0085c\vd\n\n',
      [{ event: 'message', data: 'a\u2028b\u0085c\vd', id: '' }],
    ],
  ])('%s', (_, wire, events) => {
    expect(decodeText([wire])).toEqual(events);
    expect(decodeText(Array.from(wire))).toEqual(events);
  });

  it('takes a retry of digits only', () => {
    const retries: number[] = [];
    const decoder = new SseDecoder({ onEvent: () => undefined, onRetry: (ms) => retries.push(ms) });

    decoder.feed(
      ['1500', '', '-1', '1.5', '1e3', '0x10', ' 7', '٣', '10 ', '9'.repeat(400)]
        .map((text) => `retry:${text}\n`)
        .join(''),
    );

    // One space after the colon is not part of the value: " 7" is 7.
    expect(retries).toEqual([1500, 7, Number.MAX_SAFE_INTEGER]);
  });

  it('delivers an event before it returns, and not later', () => {
    const seen: string[] = [];
    const decoder = new SseDecoder({ onEvent: ({ data }) => seen.push(data) });

    decoder.feed('data: 1\r');
    decoder.feed('\n\r');
    expect(seen).toEqual(['1']);
    decoder.feed('\ndata: 2\n\n');
    expect(seen).toEqual(['1', '2']);
  });

  it.each([
    ['one endless line', ['data: ', ...Array<string>(300).fill('x')]],
    ['endless short lines', Array<string>(300).fill('data: x\n')],
    ['one large chunk', [`data: ${'x'.repeat(300)}\n\n`]],
    ['an endless event name', [`event: ${'x'.repeat(90)}\n`, `data: ${'x'.repeat(90)}\n`]],
    ['an endless comment', [':', ...Array<string>(300).fill('x')]],
  ])('ends with a typed error over the cap: %s', (_, chunks) => {
    const decoder = new SseDecoder({ onEvent: () => undefined, maxBlockLength: 100 });
    const feed = () => {
      for (const chunk of chunks) decoder.feed(chunk);
    };

    expect(feed).toThrow(SseBlockTooLong);
    expect(() => decoder.feed('data: 1\n\n')).toThrow(SseBlockTooLong);
  });

  it('reads any number of blocks below the cap', () => {
    let seen = 0;
    const decoder = new SseDecoder({ onEvent: () => (seen += 1), maxBlockLength: 100 });

    for (let index = 0; index < 1000; index += 1) decoder.feed(`: ${'c'.repeat(80)}\ndata: ${'x'.repeat(80)}\n\n`);

    expect(seen).toBe(1000);
  });

  it('takes tiny chunks of a large block in linear time', () => {
    const seen: number[] = [];
    const decoder = new SseDecoder({ onEvent: ({ data }) => seen.push(data.length) });
    const before = performance.now();

    for (const unit of `data: ${'x'.repeat(500_000)}\n\n`) decoder.feed(unit);

    expect(seen).toEqual([500_000]);
    expect(performance.now() - before).toBeLessThan(5000);
  });

  it('agrees with an independent reader on any text', () => {
    const soup = fc
      .array(
        fc.oneof(
          fc.constantFrom('data', 'event', 'id', 'retry', ':', ' ', '\n', '\r', '\r\n', '\n\n', 'x', '7', '\uFEFF'),
          nastyText,
        ),
        {
          maxLength: 40,
        },
      )
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(soup, places, (text, at) => {
        const theirs: { event: string; data: string }[] = [];
        const parser = createParser({
          onEvent: (event) => theirs.push({ event: event.event || 'message', data: event.data }),
        });
        // The library looks for a byte order mark in bytes that were never decoded; the table above has our cases of it.
        const plain = text.replaceAll('\uFEFF', '');

        parser.feed(`${plain}\n`);
        const ours = decodeText(cut(`${plain}\n`, at)).map(({ event, data }) => ({ event, data }));

        expect(ours).toEqual(theirs);
      }),
      { numRuns: 2000 },
    );
  });
});
