/** One pattern of a grant: `court:*`, `inbox:{sub}`, `tenant:{tenant}:**`. Matches whole segments of a channel's name, never a part of one. */

/** What stands behind `{name}` in a pattern: the claim of that name. */
export type Claims = Readonly<Record<string, unknown>>;

export interface GrantPattern {
  readonly text: string;
  /** Claims that it names. */
  readonly claims: readonly string[];
  /** `segments`: of the channel's name. */
  matches(segments: readonly string[], claims: Claims): boolean;
}

type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'claim'; readonly name: string }
  | { readonly kind: 'any' }
  | { readonly kind: 'rest' };

const LITERAL = /^[A-Za-z0-9_-]+$/;
const CLAIM = /^\{([A-Za-z0-9_.-]+)\}$/;
const MAX_LENGTH = 256;

/** What a pattern may be, for messages. */
export const PATTERN_EXPECTED =
  'segments joined by ":": a text, "*" for any one, "{claim}", or "**" at the end for the rest';

/** undefined: the text is no pattern. */
export function parseGrantPattern(text: unknown): GrantPattern | undefined {
  if (typeof text !== 'string' || text.length > MAX_LENGTH) return undefined;
  const segments: Segment[] = [];
  const parts = text.split(':');
  for (const [at, part] of parts.entries()) {
    const segment = parseSegment(part);
    if (segment === undefined || (segment.kind === 'rest' && at < parts.length - 1)) return undefined;
    segments.push(segment);
  }
  const claims = segments.flatMap((segment) => (segment.kind === 'claim' ? [segment.name] : []));
  return { text, claims, matches: (names, values) => matchesAll(segments, names, values) };
}

/** The values that a claim stands for: of a list each one. A claim that is absent stands for none, and so opens nothing. */
export function claimValues(claims: Claims, name: string): readonly string[] {
  const value = Object.hasOwn(claims, name) ? claims[name] : undefined;
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  return values.flatMap((one) =>
    typeof one === 'string' ? [one] : typeof one === 'number' && Number.isSafeInteger(one) ? [String(one)] : [],
  );
}

function parseSegment(part: string): Segment | undefined {
  if (part === '*') return { kind: 'any' };
  if (part === '**') return { kind: 'rest' };
  const claim = CLAIM.exec(part)?.[1];
  if (claim !== undefined) return { kind: 'claim', name: claim };
  return LITERAL.test(part) ? { kind: 'literal', text: part } : undefined;
}

function matchesAll(segments: readonly Segment[], names: readonly string[], claims: Claims): boolean {
  const isOpen = segments.at(-1)?.kind === 'rest';
  if (isOpen ? names.length < segments.length : names.length !== segments.length) return false;
  return segments.every((segment, at) => matchesOne(segment, names[at] ?? '', claims));
}

/** A value is compared as it is. It is never read as a pattern: a subject `*` opens the channel of that name, which there is none of. */
function matchesOne(segment: Segment, name: string, claims: Claims): boolean {
  switch (segment.kind) {
    case 'literal':
      return segment.text === name;
    case 'claim':
      return claimValues(claims, segment.name).includes(name);
    case 'any':
    case 'rest':
      return true;
  }
}
