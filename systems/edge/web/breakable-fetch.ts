/**
 * A fetch that can be broken on purpose, for the "break it" drawer: what the page then shows is not acted, its wire really
 * fails. Streams opened through it can be cut, held, or refused.
 */
import type { WireFaults } from './wire-faults.ts';

export interface BreakableFetch extends WireFaults {
  readonly fetch: typeof fetch;
}

type Bytes = Uint8Array<ArrayBuffer>;

export function createBreakableFetch(inner: typeof fetch): BreakableFetch {
  const open = new Set<AbortController>();
  let ice: Ice | undefined;
  let isBlocked = false;

  const cut = (): void => {
    for (const wire of open) wire.abort(new TypeError('the connection was cut on purpose'));
    open.clear();
  };

  const breakable: typeof fetch = async (input, init) => {
    await ice?.thawed;
    if (isBlocked) throw new TypeError('the connection is blocked on purpose');
    const wire = new AbortController();
    open.add(wire);
    init?.signal?.addEventListener('abort', () => open.delete(wire), { once: true });
    const signal = init?.signal ? AbortSignal.any([init.signal, wire.signal]) : wire.signal;
    try {
      const response = await inner(input, { ...init, signal });
      const held = new TransformStream<Bytes, Bytes>({
        // Does not wait here: a held chunk must not keep back those behind it, which are to be counted too.
        transform: (chunk, out) => {
          if (ice === undefined) out.enqueue(chunk);
          else ice.hold(chunk, out);
        },
        flush: async () => {
          await ice?.thawed;
          open.delete(wire);
        },
      });
      return new Response(response.body?.pipeThrough(held) ?? null, response);
    } catch (error) {
      open.delete(wire);
      throw error;
    }
  };

  return {
    fetch: breakable,
    cut,
    freeze: (ms, onHeld = () => undefined) => {
      const thawed = new Promise<void>((resolve) => setTimeout(resolve, ms));
      const fresh = new Ice(thawed, onHeld);
      ice = fresh;
      void thawed.then(() => {
        if (ice === fresh) ice = undefined;
        fresh.release();
      });
    },
    block: (blocked) => {
      isBlocked = blocked;
      if (blocked) cut();
    },
  };
}

interface Held {
  readonly chunk: Bytes;
  readonly out: TransformStreamDefaultController<Bytes>;
}

/** One freeze: what came during it, in order. */
class Ice {
  readonly thawed: Promise<void>;
  readonly #onHeld: (events: number) => void;
  readonly #held: Held[] = [];
  readonly #text = new TextDecoder();
  #unread = '';
  #events = 0;

  constructor(thawed: Promise<void>, onHeld: (events: number) => void) {
    this.thawed = thawed;
    this.#onHeld = onHeld;
  }

  hold(chunk: Bytes, out: TransformStreamDefaultController<Bytes>): void {
    this.#held.push({ chunk, out });
    const lines = (this.#unread + this.#text.decode(chunk, { stream: true })).split('\n');
    this.#unread = lines.pop() ?? '';
    const events = lines.filter(isEvent).length;
    if (events === 0) return;
    this.#events += events;
    this.#onHeld(this.#events);
  }

  release(): void {
    for (const { chunk, out } of this.#held) {
      try {
        out.enqueue(chunk);
      } catch {
        // Its stream was cut while it was frozen.
      }
    }
  }
}

/** A line of an event stream that carries an event of a channel; heartbeats are none. */
function isEvent(line: string): boolean {
  if (!line.startsWith('data:')) return false;
  try {
    const frame: unknown = JSON.parse(line.slice(5));
    return typeof frame === 'object' && frame !== null && 'type' in frame && frame.type === 'event';
  } catch {
    return false;
  }
}
