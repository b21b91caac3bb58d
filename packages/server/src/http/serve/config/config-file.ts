/** Reads fanfare.yaml: a flat list of settings, each remembered with the line it stands on. */
import { readFileSync } from 'node:fs';
import { isMap, isNode, isScalar, LineCounter, parseDocument } from 'yaml';

export interface FileEntry {
  readonly name: string;
  readonly value: unknown;
  /** `fanfare.yaml:3`, for messages. */
  readonly source: string;
}

export type ConfigFile =
  | { readonly kind: 'absent' }
  | { readonly kind: 'read'; readonly entries: readonly FileEntry[] }
  /** One message per thing that is wrong. */
  | { readonly kind: 'unreadable'; readonly problems: readonly string[] };

export function readConfigFile(path: string): ConfigFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown reason';
    return code === 'ENOENT'
      ? { kind: 'absent' }
      : { kind: 'unreadable', problems: [`${path}: expected a readable file, got ${code}`] };
  }
  return parseConfigFile(text, path);
}

function parseConfigFile(text: string, path: string): ConfigFile {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const sourceAt = (offset: number): string => `${path}:${lines.linePos(offset).line}`;
  if (document.errors.length > 0) {
    const problems = document.errors.map(
      (error) => `${sourceAt(error.pos[0])}: expected YAML, got: ${firstLine(error.message)}`,
    );
    return { kind: 'unreadable', problems };
  }
  const root = document.contents;
  if (root === null) {
    return { kind: 'read', entries: [] };
  }
  if (!isMap(root)) {
    return {
      kind: 'unreadable',
      problems: [`${path}:1: expected settings as "name: value" lines, got something else`],
    };
  }
  const entries = root.items.map((pair) => {
    const name = isScalar(pair.key) ? String(pair.key.value) : String(pair.key);
    const offset = isScalar(pair.key) ? (pair.key.range?.[0] ?? 0) : 0;
    return { name, value: isNode(pair.value) ? pair.value.toJS(document) : null, source: sourceAt(offset) };
  });
  return { kind: 'read', entries };
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] ?? text;
}
