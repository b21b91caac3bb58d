/** A channel pattern, `court:{pin}`: literal segments and captures of exactly one segment [PROTOCOL §2.5]. */
import { MAX_CHANNEL_NAME_LENGTH, parseChannelName } from './names.ts';

/** What a pattern captured, by the name of the capture. */
export type ChannelParams = Readonly<Record<string, string>>;

/** A literal, or a capture of exactly one segment. */
export type PatternSegment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'capture'; readonly name: string };

/** A pattern that was read: `court:{pin}`. */
export interface ChannelPattern {
  readonly pattern: string;
  readonly segments: readonly PatternSegment[];
  /** What the captures stand for; undefined when the name is not of this pattern, or is no channel name. */
  match(name: string): ChannelParams | undefined;
  /** The name these parameters make. @throws TypeError when one is missing or is not exactly one segment. */
  render(params: ChannelParams): string;
}

const LITERAL = /^[A-Za-z0-9_-]+$/;
const CAPTURE = /^\{([A-Za-z][A-Za-z0-9_]{0,31})\}$/;

/** @throws TypeError on a pattern that is not well formed: patterns come from code, never from the wire. */
export function compilePattern(pattern: string): ChannelPattern {
  const segments = parseSegments(pattern);
  const captures = segments.flatMap((segment) => (segment.kind === 'capture' ? [segment.name] : []));
  if (new Set(captures).size !== captures.length) throw new TypeError(`Pattern "${pattern}" captures one name twice.`);
  const source = segments.map((segment) => (segment.kind === 'literal' ? segment.text : '([A-Za-z0-9_-]+)')).join(':');
  const expression = new RegExp(`^${source}$`);
  return {
    pattern,
    segments,
    match: (name) => {
      const found = name.length <= MAX_CHANNEL_NAME_LENGTH ? expression.exec(name) : null;
      return found === null
        ? undefined
        : Object.fromEntries(captures.map((key, index) => [key, found[index + 1] ?? '']));
    },
    render: (params) => render(pattern, segments, params),
  };
}

function parseSegments(pattern: string): PatternSegment[] {
  if (pattern.length > 2 * MAX_CHANNEL_NAME_LENGTH)
    throw new TypeError(`Pattern "${pattern.slice(0, 64)}…" is too long.`);
  return pattern.split(':').map((text): PatternSegment => {
    const name = CAPTURE.exec(text)?.[1];
    if (name !== undefined) return { kind: 'capture', name };
    if (LITERAL.test(text)) return { kind: 'literal', text };
    throw new TypeError(
      `Pattern "${pattern}": expected segments such as "court" or "{pin}" joined by ":", got ${JSON.stringify(text)}.`,
    );
  });
}

function render(pattern: string, segments: readonly PatternSegment[], params: ChannelParams): string {
  const parts = segments.map((segment) => {
    if (segment.kind === 'literal') return segment.text;
    const value = Object.hasOwn(params, segment.name) ? params[segment.name] : undefined;
    if (value !== undefined && LITERAL.test(value)) return value;
    throw new TypeError(`Pattern "${pattern}": {${segment.name}} expects one segment, got ${JSON.stringify(value)}.`);
  });
  const name = parseChannelName(parts.join(':'));
  if (!name.ok)
    throw new TypeError(`Pattern "${pattern}": the name is longer than ${MAX_CHANNEL_NAME_LENGTH} characters.`);
  return name.value;
}
