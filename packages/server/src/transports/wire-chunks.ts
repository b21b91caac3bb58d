/** How the chunks of one turn reach a wire: in as few writes as possible, and without a copy of what everybody gets. */

/** From here on another write costs less than a copy: a crowd that recovers shares one large buffer. */
const LARGE_BYTES = 16 * 1024;

/** The same bytes in order: small neighbours joined, large chunks as they are. Mostly it is one; `chunks` is not empty. */
export function forWire(chunks: readonly Uint8Array[]): readonly Uint8Array[] {
  if (chunks.length === 1) return chunks;
  if (!chunks.some(isLarge)) return joinedOnce(chunks);
  const joined: Uint8Array[] = [];
  let small: Uint8Array[] = [];
  const join = (): void => {
    if (small.length > 0) joined.push(Buffer.concat(small));
    small = [];
  };
  for (const chunk of chunks) {
    if (!isLarge(chunk)) {
      small.push(chunk);
      continue;
    }
    join();
    joined.push(chunk);
  }
  join();
  return joined;
}

/** What was joined last: under load a crowd is owed the same few chunks, one connection after the other. */
let before: { readonly chunks: readonly Uint8Array[]; readonly joined: readonly Uint8Array[] } | undefined;

function joinedOnce(chunks: readonly Uint8Array[]): readonly Uint8Array[] {
  const known = before;
  if (known?.chunks.length === chunks.length && chunks.every((chunk, at) => chunk === known.chunks[at])) {
    return known.joined;
  }
  const joined = [Buffer.concat(chunks)];
  before = { chunks, joined };
  return joined;
}

function isLarge(chunk: Uint8Array): boolean {
  return chunk.length >= LARGE_BYTES;
}
