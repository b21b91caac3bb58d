/** Which pattern a channel name belongs to: the most specific one, found through a tree of segments [PROTOCOL §2.5]. */
import { type ChannelParams, type ChannelPattern, compilePattern } from './channel-pattern.ts';

export interface ChannelMatch<T> {
  readonly value: T;
  readonly pattern: string;
  readonly params: ChannelParams;
}

interface Branch<T> {
  readonly literals: Map<string, Branch<T>>;
  capture: Branch<T> | undefined;
  leaf: { readonly pattern: ChannelPattern; readonly value: T } | undefined;
}

/**
 * At each segment, from the left, a literal beats a capture. A lookup visits a node at most once, so that no name costs
 * more than the patterns themselves.
 * @throws TypeError on a bad pattern, and on two patterns of one shape: no name could tell them apart.
 */
export class ChannelMatcher<T> {
  readonly #root: Branch<T> = branch();

  constructor(entries: Iterable<readonly [pattern: string, value: T]>) {
    for (const [pattern, value] of entries) this.#add(compilePattern(pattern), value);
  }

  find(name: string): ChannelMatch<T> | undefined {
    const leaf = descend(this.#root, name.split(':'), 0)?.leaf;
    const params = leaf?.pattern.match(name);
    return leaf === undefined || params === undefined
      ? undefined
      : { value: leaf.value, pattern: leaf.pattern.pattern, params };
  }

  #add(pattern: ChannelPattern, value: T): void {
    let node = this.#root;
    for (const segment of pattern.segments) {
      if (segment.kind === 'capture') {
        node.capture ??= branch();
        node = node.capture;
      } else {
        const next = node.literals.get(segment.text) ?? branch();
        node.literals.set(segment.text, next);
        node = next;
      }
    }
    if (node.leaf !== undefined) {
      throw new TypeError(`Patterns "${node.leaf.pattern.pattern}" and "${pattern.pattern}" match the same names.`);
    }
    node.leaf = { pattern, value };
  }
}

function branch<T>(): Branch<T> {
  return { literals: new Map(), capture: undefined, leaf: undefined };
}

function descend<T>(node: Branch<T>, segments: readonly string[], depth: number): Branch<T> | undefined {
  const segment = segments[depth];
  if (segment === undefined) return node.leaf === undefined ? undefined : node;
  const literal = node.literals.get(segment);
  const found = literal === undefined ? undefined : descend(literal, segments, depth + 1);
  return found ?? (node.capture === undefined ? undefined : descend(node.capture, segments, depth + 1));
}
