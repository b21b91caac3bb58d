/** Finds the handlers of a path: a tree of segments, where a literal segment beats a `{param}` and a dead end turns back. */

/** One registered path. `params`: the names of its `{param}` segments, in order. */
interface Route<H> {
  readonly handler: H;
  readonly params: readonly string[];
}

interface Branch<H> {
  readonly literals: Map<string, Branch<H>>;
  param: Branch<H> | undefined;
  readonly methods: Map<string, Route<H>>;
}

export type RouteMatch<H> =
  | { readonly kind: 'found'; readonly handler: H; readonly params: Readonly<Record<string, string>> }
  /** The path exists, but not for this method; sorted. */
  | { readonly kind: 'other-methods'; readonly methods: readonly string[] }
  /** A `{param}` of the path is not percent-encoded UTF-8. */
  | { readonly kind: 'malformed' }
  | { readonly kind: 'none' };

export class RouteTree<H> {
  readonly #root: Branch<H> = newBranch();

  /** Throws a TypeError on a path that is malformed or taken. */
  add(method: string, path: string, handler: H): void {
    const params: string[] = [];
    let branch = this.#root;
    for (const segment of declaredSegments(path)) {
      const name = paramName(segment);
      if (name === undefined) {
        branch = literalBranch(branch, segment);
      } else {
        if (params.includes(name)) {
          throw new TypeError(`The path ${path} has two segments {${name}}.`);
        }
        params.push(name);
        branch.param ??= newBranch();
        branch = branch.param;
      }
    }
    if (branch.methods.has(method)) {
      throw new TypeError(`${method} ${path} is registered twice.`);
    }
    branch.methods.set(method, { handler, params });
  }

  /** Among all registered paths that fit, literal before param: the first that takes the method. HEAD is served by GET. */
  find(method: string, path: string): RouteMatch<H> {
    if (!path.startsWith('/')) {
      return { kind: 'none' };
    }
    const walk: Walk = {
      method,
      segments: path.slice(1).split('/').map(decodeSegment),
      captured: [],
      others: new Set(),
    };
    const route = descend(this.#root, 0, walk);
    if (route !== undefined) {
      return matched(route, walk.captured);
    }
    return walk.others.size === 0 ? { kind: 'none' } : { kind: 'other-methods', methods: [...walk.others].sort() };
  }
}

/** A segment as text; undefined when its percent-encoding is broken. */
type Segment = string | undefined;

interface Walk {
  readonly method: string;
  readonly segments: readonly Segment[];
  /** Values of the params on the way down to the current branch. */
  readonly captured: Segment[];
  readonly others: Set<string>;
}

function descend<H>(branch: Branch<H>, depth: number, walk: Walk): Route<H> | undefined {
  if (depth === walk.segments.length) {
    return routeFor(branch, walk);
  }
  const segment = walk.segments[depth];
  const literal = segment === undefined ? undefined : branch.literals.get(segment);
  const found = literal === undefined ? undefined : descend(literal, depth + 1, walk);
  if (found !== undefined || branch.param === undefined || segment === '') {
    return found;
  }
  walk.captured.push(segment);
  const captured = descend(branch.param, depth + 1, walk);
  if (captured === undefined) {
    walk.captured.pop();
  }
  return captured;
}

function routeFor<H>(branch: Branch<H>, walk: Walk): Route<H> | undefined {
  const { methods } = branch;
  const route = methods.get(walk.method) ?? (walk.method === 'HEAD' ? methods.get('GET') : undefined);
  if (route === undefined) {
    for (const method of methods.keys()) {
      walk.others.add(method);
      if (method === 'GET') {
        walk.others.add('HEAD');
      }
    }
  }
  return route;
}

function matched<H>(route: Route<H>, captured: readonly Segment[]): RouteMatch<H> {
  const entries: [string, string][] = [];
  for (const [index, name] of route.params.entries()) {
    const value = captured[index];
    if (value === undefined) {
      return { kind: 'malformed' };
    }
    entries.push([name, value]);
  }
  return { kind: 'found', handler: route.handler, params: Object.fromEntries(entries) };
}

function declaredSegments(path: string): readonly string[] {
  if (!path.startsWith('/') || /[?#%\s]/.test(path)) {
    throw new TypeError(`A route's path begins with "/" and has neither query nor percent-encoding: ${path}`);
  }
  return path.slice(1).split('/');
}

function paramName(segment: string): string | undefined {
  const name = /^\{([A-Za-z][A-Za-z0-9]*)\}$/.exec(segment)?.[1];
  if (name === undefined && /[{}]/.test(segment)) {
    throw new TypeError(`A parameter is a whole segment such as {id}, not "${segment}".`);
  }
  return name;
}

function literalBranch<H>(branch: Branch<H>, segment: string): Branch<H> {
  const existing = branch.literals.get(segment);
  if (existing !== undefined) {
    return existing;
  }
  const added = newBranch<H>();
  branch.literals.set(segment, added);
  return added;
}

function newBranch<H>(): Branch<H> {
  return { literals: new Map(), param: undefined, methods: new Map() };
}

function decodeSegment(segment: string): Segment {
  if (!segment.includes('%')) {
    return segment;
  }
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
