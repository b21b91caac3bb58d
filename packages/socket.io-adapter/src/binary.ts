/** Packets as JSON: a Buffer in one becomes `{"$bin":"BASE64"}`, and comes back as one. */

const MARK = '$bin';

/** The value itself where nothing in it is binary. */
export function toJson(value: unknown): { readonly value: unknown; readonly binary: boolean } {
  let binary = false;
  const walk = (part: unknown): unknown => {
    if (part instanceof ArrayBuffer) return walk(Buffer.from(part));
    if (ArrayBuffer.isView(part)) {
      binary = true;
      return { [MARK]: Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString('base64') };
    }
    if (Array.isArray(part)) return part.map(walk);
    if (typeof part !== 'object' || part === null || 'toJSON' in part) return part;
    return Object.fromEntries(Object.entries(part).map(([name, held]) => [name, walk(held)]));
  };
  const walked = walk(value);
  return { value: binary ? walked : value, binary };
}

export function fromJson(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(fromJson);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value);
  const [only] = entries;
  if (only !== undefined && entries.length === 1 && only[0] === MARK && typeof only[1] === 'string') {
    return Buffer.from(only[1], 'base64');
  }
  return Object.fromEntries(entries.map(([name, held]) => [name, fromJson(held)]));
}
