/**
 * A fetch that can be broken on purpose, for the "break it" drawer: what the page then shows is not acted, its wire really
 * fails. Streams opened through it can be cut, held, or refused.
 */

export interface BreakableFetch {
  readonly fetch: typeof fetch;
  /** Breaks every open response in the middle, as a lost network does. */
  readonly cut: () => void;
  /** Nothing goes out and nothing comes in for so long; then everything that waited, at once. */
  readonly freeze: (ms: number) => void;
  /** Refuses to open anything, and cuts what is open, until unblocked. */
  readonly block: (blocked: boolean) => void;
}

export function createBreakableFetch(inner: typeof fetch): BreakableFetch {
  const open = new Set<AbortController>();
  let thaw: Promise<void> = Promise.resolve();
  let isBlocked = false;

  const cut = (): void => {
    for (const wire of open) wire.abort(new TypeError('the connection was cut on purpose'));
    open.clear();
  };

  const breakable: typeof fetch = async (input, init) => {
    await thaw;
    if (isBlocked) throw new TypeError('the connection is blocked on purpose');
    const wire = new AbortController();
    open.add(wire);
    init?.signal?.addEventListener('abort', () => open.delete(wire), { once: true });
    const signal = init?.signal ? AbortSignal.any([init.signal, wire.signal]) : wire.signal;
    try {
      const response = await inner(input, { ...init, signal });
      const body = response.body?.pipeThrough(
        new TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>({
          transform: async (chunk, out) => {
            await thaw;
            out.enqueue(chunk);
          },
          flush: () => void open.delete(wire),
        }),
      );
      return new Response(body ?? null, response);
    } catch (error) {
      open.delete(wire);
      throw error;
    }
  };

  return {
    fetch: breakable,
    cut,
    freeze: (ms) => {
      thaw = new Promise((resolve) => setTimeout(resolve, ms));
    },
    block: (blocked) => {
      isBlocked = blocked;
      if (blocked) cut();
    },
  };
}
