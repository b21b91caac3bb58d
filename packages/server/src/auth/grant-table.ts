/** What somebody may do where: patterns of channels by action, as a token, the configuration or an application writes them. */
import { describeValue } from '@fanfare/protocol';
import { ACTIONS, type Action, isAction } from './action.ts';
import { type Claims, type GrantPattern, PATTERN_EXPECTED, parseGrantPattern } from './grant-pattern.ts';

/** `{ subscribe: ['court:*', 'inbox:{sub}'], publish: ['typing:*'] }`. `history` and `presence` are as `subscribe` where they are left out. */
export type GrantTable = { readonly [A in Action]?: readonly string[] };

/** A table that was read, or what is wrong with it. */
export type GrantTableResult =
  | { readonly ok: true; readonly grants: CompiledGrants }
  | { readonly ok: false; readonly problem: string };

/** The rights that reading brings along. */
const WITH_SUBSCRIBE: ReadonlySet<Action> = new Set<Action>(['history', 'presence']);

export class CompiledGrants {
  readonly #patterns: ReadonlyMap<Action, readonly GrantPattern[]>;

  constructor(patterns: ReadonlyMap<Action, readonly GrantPattern[]>) {
    this.#patterns = patterns;
  }

  /** What it says about an action, in the order in which it was written. */
  patterns(action: Action): readonly GrantPattern[] {
    return this.#patterns.get(action) ?? (WITH_SUBSCRIBE.has(action) ? (this.#patterns.get('subscribe') ?? []) : []);
  }

  /** The first pattern that allows it. */
  find(action: Action, channel: string, claims: Claims): GrantPattern | undefined {
    const segments = channel.split(':');
    return this.patterns(action).find((pattern) => pattern.matches(segments, claims));
  }
}

/** Reads a table from outside. Never throws. */
export function readGrantTable(value: unknown): GrantTableResult {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return refused(`expected patterns by action, such as { subscribe: ["court:*"] }, got ${describeValue(value)}`);
  }
  const patterns = new Map<Action, readonly GrantPattern[]>();
  for (const [action, texts] of Object.entries(value)) {
    if (!isAction(action))
      return refused(`there is no action ${describeValue(action)}; there are ${ACTIONS.join(', ')}`);
    if (!Array.isArray(texts)) return refused(`${action}: expected a list of patterns, got ${describeValue(texts)}`);
    const compiled: GrantPattern[] = [];
    for (const text of texts) {
      const pattern = parseGrantPattern(text);
      if (pattern === undefined) return refused(`${action}: expected ${PATTERN_EXPECTED}, got ${describeValue(text)}`);
      compiled.push(pattern);
    }
    patterns.set(action, compiled);
  }
  return { ok: true, grants: new CompiledGrants(patterns) };
}

/** The same for a table that an application wrote, compiled once per object. Throws a TypeError on what is none. */
export function compileGrants(table: GrantTable, owner: string): CompiledGrants {
  const known = COMPILED.get(table);
  if (known !== undefined) return known;
  const read = readGrantTable(table);
  if (!read.ok) throw new TypeError(`${owner}: ${read.problem}.`);
  COMPILED.set(table, read.grants);
  return read.grants;
}

const COMPILED = new WeakMap<GrantTable, CompiledGrants>();

function refused(problem: string): GrantTableResult {
  return { ok: false, problem };
}
