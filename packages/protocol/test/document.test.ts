/** PROTOCOL.md and the source agree: every section that code cites exists, every example decodes, every table is complete. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  CLOSE_CODES,
  decodeClientFrame,
  decodeCursor,
  decodePosition,
  decodeServerFrame,
  describeError,
  encodeFrame,
  isErrorCode,
  parseChannelName,
  RESERVED_EVENT_NAMES,
  RFC_CLOSE_CODES,
  SseDecoder,
  type SseEvent,
  sseEventName,
} from '../src/index.ts';

const ROOT = new URL('../../../', import.meta.url);
const DOCUMENT = readFileSync(new URL('PROTOCOL.md', ROOT), 'utf8');
const HEADINGS = new Set([...DOCUMENT.matchAll(/^#{2,3} §([\d.]+) /gm)].map((match) => match[1]));

/** The text of a section, its subsections included. */
function section(number: string): string {
  const start = DOCUMENT.search(new RegExp(`^#+ §${number.replace('.', '\\.')} `, 'm'));
  const next = number.includes('.') ? /^#{2,3} §/m : /^## §/m;
  const rest = DOCUMENT.slice(DOCUMENT.indexOf('\n', start));
  const end = rest.search(next);
  return end === -1 ? rest : rest.slice(0, end);
}

function examples(number: string): string[] {
  return [...section(number).matchAll(/^ {4}(\{.*\})$/gm)].map((match) => match[1] ?? '');
}

/** Every source and test file of the packages. */
function sources(): (readonly [file: string, text: string])[] {
  const packages = new URL('packages/', ROOT);
  return readdirSync(packages, { recursive: true, encoding: 'utf8' })
    .filter((file) => /^[a-z]+\/(src|test)\/.*\.tsx?$/.test(file.replaceAll('\\', '/')))
    .map((file) => [file, readFileSync(new URL(file, packages), 'utf8')] as const);
}

describe('the sections', () => {
  it('that any package cites as [PROTOCOL §n] exist', () => {
    const cited = sources().flatMap(([file, text]) =>
      [...text.matchAll(/PROTOCOL(?:\.md)? §([\d]+(?:\.\d+)?)/g)].map((match) => `${file}: §${match[1]}`),
    );

    expect(cited.length).toBeGreaterThan(20);
    expect(cited.filter((line) => !HEADINGS.has(line.split('§')[1]))).toEqual([]);
  });

  it('that the document and the wire package cite as §n exist', () => {
    const own = sources().filter(([file]) => file.startsWith('protocol'));
    const cited = [['PROTOCOL.md', DOCUMENT] as const, ...own].flatMap(([file, text]) =>
      [...text.replaceAll(/RFC \d+ §[\d.]+/g, '').matchAll(/§(\d+(?:\.\d+)*)/g)].map(
        (match) => `${file}: §${match[1]}`,
      ),
    );

    expect(cited.filter((line) => !HEADINGS.has(line.split('§')[1]))).toEqual([]);
  });

  it('are numbered without holes', () => {
    const numbers = [...HEADINGS].map((text = '') => text.split('.').map(Number));
    const expected: number[][] = [];
    for (const [major = 0, minor] of numbers) {
      const last = expected.at(-1) ?? [0];
      if (minor === undefined) expected.push([(last[0] ?? 0) + 1]);
      else expected.push([major, last[0] === major ? (last[1] ?? 0) + 1 : 1]);
    }

    expect(numbers).toEqual(expected);
  });
});

describe('the examples', () => {
  const server = ['5.1', '5.2', '5.3', '5.4', '5.5', '5.6', '5.7', '5.8', '5.9', '5.10'].flatMap(examples);

  it('of §5 show every frame of both directions', () => {
    const types = [...server, ...examples('5.11')].map((text) => /"type":"(\w+)"/.exec(text)?.[1]);

    expect([...new Set(types)].toSorted()).toEqual(
      [
        'connected',
        'subscribed',
        'event',
        'unsubscribed',
        'heartbeat',
        'error',
        'close',
        'published',
        'authenticated',
        'transports',
        'auth',
        'subscribe',
        'unsubscribe',
        'publish',
        'ping',
      ].toSorted(),
    );
  });

  it.each(server)('decodes as a server frame, and is written the same: %s', (text) => {
    const frame = decodeServerFrame(text);

    expect(frame.ok && encodeFrame(frame.value)).toBe(text);
  });

  it.each(examples('5.11'))('decodes as a client frame, and is written the same: %s', (text) => {
    const frame = decodeClientFrame(text);

    expect(frame.ok && encodeFrame(frame.value)).toBe(text);
  });

  it('of worked bytes [§6.5] is a stream whose names, frames and cursors agree', () => {
    const events: SseEvent[] = [];
    const retries: number[] = [];
    const decoder = new SseDecoder({ onEvent: (event) => events.push(event), onRetry: (ms) => retries.push(ms) });

    decoder.feed(/```sse\n([\s\S]*?)```/.exec(section('6.5'))?.[1] ?? '');

    const names = [
      'connected',
      'recovered',
      'recovered',
      'notification',
      'notification',
      'state',
      'heartbeat',
      'close',
    ];
    expect(events.map(({ event }) => event)).toEqual(names);
    expect(retries).toHaveLength(1);
    for (const { event, data, id } of events) {
      const frame = decodeServerFrame(data);
      const cursor = decodeCursor(id);
      if (!frame.ok || !cursor.ok) throw new Error(`not decoded: ${data}`);
      expect(sseEventName(frame.value)).toBe(event);
      if (frame.value.type !== 'event' && frame.value.type !== 'subscribed') continue;
      const position = decodePosition(frame.value.position ?? '');
      expect(position.ok && position.value).toEqual(cursor.value.position(frame.value.channel));
    }
  });

  it('of worked answers [§15.7] are frames and cursors that agree, each poll going on where the one before ended', () => {
    const [block = ''] = /```poll\n[\s\S]*?```/.exec(section('15.7')) ?? [];
    const answers = [...block.matchAll(/^\{.*\}$/gm)].map(([text]) => JSON.parse(text));
    const cursors = [...block.matchAll(/&cursor=([^&\s]+)/g)].map((match) => match[1]);
    const tags = [...block.matchAll(/^ETag: "(.*)"$/gm)].map((match) => match[1]);

    expect(cursors).toEqual(['1~k3Zq81.6fnxFu7j15.-ZHZto1M8', answers[0].cursor]);
    expect(tags.slice(0, 2)).toEqual(answers.map(({ cursor }) => cursor));
    for (const { events, subscriptions, cursor } of answers) {
      const positions = new Map<string, string>();
      for (const frame of [...subscriptions, ...events]) {
        expect(decodeServerFrame(JSON.stringify(frame)).ok).toBe(true);
        positions.set(frame.channel, frame.position);
      }
      const stands = decodeCursor(cursor);
      for (const [channel, text] of positions) {
        const position = decodePosition(text);
        expect(stands.ok && stands.value.position(channel)).toEqual(position.ok && position.value);
      }
    }
  });

  it('of worked messages [§13.5] decode in their direction, are written the same, and answer each other', () => {
    const [, block = ''] = /```ws\n([\s\S]*?)```/.exec(section('13.5')) ?? [];
    const lines = block.trim().split('\n');
    const asked = new Set<unknown>();
    const answered: unknown[] = [];

    for (const line of lines) {
      const text = line.slice(2);
      const frame = line.startsWith('> ') ? decodeClientFrame(text) : decodeServerFrame(text);
      expect(frame.ok && encodeFrame(frame.value), line).toBe(text);
      const { id } = JSON.parse(text);
      if (line.startsWith('> ')) asked.add(id);
      else if (id !== undefined) answered.push(id);
    }

    expect(lines.length).toBeGreaterThan(10);
    expect(answered).toEqual([...asked]);
  });

  it('of an uplink [§14.7] are commands, and frames that answer them', () => {
    const [, asked = '', told = ''] = /(\{"frames":.*\})\n {4}-> (\{.*\})/.exec(section('14.7')) ?? [];
    const commands: unknown[] = JSON.parse(asked).frames;
    const answers: unknown[] = JSON.parse(told).frames;

    expect(commands.map((frame) => decodeClientFrame(JSON.stringify(frame)).ok)).toEqual([true, true]);
    expect(answers.map((frame) => decodeServerFrame(JSON.stringify(frame)).ok)).toEqual([true, true]);
  });

  it('of an error [§9] is what the catalogue says', () => {
    const [text = ''] = examples('9');
    const { error } = JSON.parse(text);

    expect(error.message).toBe(describeError(error.code, 'en', error.details));
  });
});

describe('the tables', () => {
  it('reserve the event names that the source reserves [§2.2]', () => {
    const listed = section('2.2').split('EVENT_NAME_RESERVED:')[1]?.split('.')[0] ?? '';

    expect([...listed.matchAll(/`(\w+)`/g)].map((match) => match[1]).toSorted()).toEqual(
      [...RESERVED_EVENT_NAMES].toSorted(),
    );
  });

  it('hold every close code of the source, on its side [§8]', () => {
    const rows = [...section('8').matchAll(/(3\d{3}) `(\w+)`/g)].map(([, code, name]) => `${code} ${name}`);

    expect(rows.toSorted()).toEqual(
      Object.values(CLOSE_CODES)
        .map(({ code, name }) => `${code} ${name}`)
        .toSorted(),
    );
  });

  it('name the final codes of RFC 6455 that the source takes for final [§8]', () => {
    const final = /: (1000[\d, and]*) are final/.exec(section('8'))?.[1] ?? '';
    const codes = Object.entries(RFC_CLOSE_CODES).filter(([, { reconnect }]) => !reconnect);

    expect(final.match(/\d{4}/g)).toEqual(codes.map(([code]) => code));
  });

  it('use no error code that the catalogue does not have', () => {
    const used = [...DOCUMENT.matchAll(/\b[A-Z]+(?:_[A-Z]+)+\b/g)]
      .map(([code]) => code)
      .filter((code) => !code.startsWith('CURSOR_'));

    expect(used.length).toBeGreaterThan(30);
    expect(used.filter((code) => !isErrorCode(code))).toEqual([]);
  });

  it('show channel names that are names [§2.1]', () => {
    const shown = [...DOCUMENT.matchAll(/"channel":"([^"]*)"/g)].map((match) => match[1]);

    expect(shown.filter((name) => !parseChannelName(name).ok)).toEqual([]);
  });
});
