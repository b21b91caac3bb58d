/** The client's short reader of event streams beside the protocol's own: the same data and the same waits, however the text is cut. */
import { SseDecoder } from '@fanfare/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readEvents } from '../src/wires/event-lines.ts';

type Told = readonly ['data', unknown] | readonly ['retry', number];

function read(chunks: readonly string[]): Told[] {
  const told: Told[] = [];
  const take = readEvents((event) => {
    if (event.type === 'retry') told.push(['retry', Math.min(event.ms, Number.MAX_SAFE_INTEGER)]);
    else told.push(['data', event.type === 'unreadable' ? parsed(event.problem) : event]);
  });
  for (const chunk of chunks) take(chunk);
  return told;
}

function readByProtocol(text: string): Told[] {
  const told: Told[] = [];
  const decoder = new SseDecoder({
    onEvent: ({ data }) => told.push(['data', parsed(data)]),
    onRetry: (ms) => told.push(['retry', Math.min(ms, Number.MAX_SAFE_INTEGER)]),
  });
  decoder.feed(text);
  return told;
}

/** Data is JSON: what stands around it means nothing. */
function parsed(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    return 'not JSON';
  }
}

const lineEnd = fc.constantFrom('\n', '\r', '\r\n');
const word = fc.oneof(
  fc.jsonValue().map((value) => JSON.stringify(value)),
  fc.stringMatching(/^[ -~\u2028é]{0,12}$/),
);
const field = fc.oneof(
  word.map((value) => `data: ${value}`),
  fc.jsonValue().map((value) => `data:${JSON.stringify(value)}`),
  word.map((value) => `event: ${value}`),
  word.map((value) => `id: ${value}`),
  fc.oneof(fc.nat(), word).map((value) => `retry: ${value}`),
  word.map((value) => `: ${value}`),
  fc.constant('retry'),
  word.map((value) => `datum: ${value}`),
);
const block = fc
  .array(fc.tuple(field, lineEnd), { maxLength: 4 })
  .chain((lines) => lineEnd.map((end) => `${lines.map((line) => line.join('')).join('')}${end}`));
const stream = fc.array(block, { maxLength: 5 }).map((blocks) => blocks.join(''));

/** The text in pieces, some of them empty. */
function cut(text: string, places: readonly number[]): string[] {
  const cuts = [0, ...places.map((place) => place % (text.length + 1)).sort((one, other) => one - other), text.length];
  return cuts.slice(1).map((end, index) => text.slice(cuts[index], end));
}

describe('reading an event stream', () => {
  it("tells what the protocol's reader tells, however the text is cut", () => {
    fc.assert(
      fc.property(stream, fc.array(fc.nat(), { maxLength: 12 }), (text, places) => {
        expect(read(cut(text, places))).toEqual(readByProtocol(text));
      }),
      { numRuns: 2000 },
    );
  });

  it('tells every block as soon as its last line end has begun', () => {
    expect(read(['data: 1\r', '\n\r'])).toEqual([['data', 1]]);
    expect(read(['data: 1\n\n', 'data: 2\n'])).toEqual([['data', 1]]);
  });

  it('puts together data of many lines', () => {
    expect(read(['data: {\ndata:"a":1\ndata: }\n\n'])).toEqual([['data', { a: 1 }]]);
  });

  it('holds no block that outgrows every bound, be it one line or many', () => {
    const feed = readEvents(() => undefined);
    const feedAll = (chunk: string): void => {
      for (let fed = 0; fed <= 2 ** 22; fed += chunk.length) feed(chunk);
    };

    expect(() => feedAll('x'.repeat(1000))).toThrow(RangeError);
    expect(() => feedAll('data: 12345\n')).toThrow(RangeError);
  });
});
