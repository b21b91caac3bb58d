/** Which pattern a channel name belongs to: the most specific one, found through a tree of segments [PROTOCOL §2.5]. */
import { type ChannelParams, type ChannelPattern, compilePattern } from './channel-pattern.ts';

/** The pattern that a name fell to, and what it captured. */
export interface ChannelMatch<T> {
  readonly value: T;
  readonly pattern: string;
  readonly params: ChannelParams;
}

interface Leaf<T> {
  readonly pattern: ChannelPattern;
  readonly value: T;
}

interface Branch<T> {
  readonly literals: Map<string, Branch<T>>;
  capture: Branch<T> | undefined;
  leaf: Leaf<T> | undefined;
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
    const leaf = leafOf(this.#root, name, 0);
    const params = leaf?.pattern.match(name);
    return leaf === undefined || params === undefined
      ? undefined
      : { value: leaf.value, pattern: leaf.pattern.pattern, params };
  }

  /** The value that `find` would find, without the parameters: for every publish. `name`: one that `parseChannelName` accepts. */
  valueOf(name: string): T | undefined {
    return leafOf(this.#root, name, 0)?.value;
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

/** `start`: of the segment that leads on from the node; beyond the end of the name, the node is where it ends. */
function leafOf<T>(node: Branch<T>, name: string, start: number): Leaf<T> | undefined {
  if (start > name.length) return node.leaf;
  const colon = name.indexOf(':', start);
  const end = colon === -1 ? name.length : colon;
  const literal = node.literals.size === 0 ? undefined : node.literals.get(name.slice(start, end));
  const found = literal === undefined ? undefined : leafOf(literal, name, end + 1);
  return found ?? (node.capture === undefined ? undefined : leafOf(node.capture, name, end + 1));
}
