/**
 * WebSockets that can be broken on purpose, for the "break it" drawer: what the page then shows is not acted, its wire really
 * fails. `Socket` stands in for the page's own `WebSocket`, as far as the client uses it.
 */
import type { WireFaults } from './wire-faults.ts';

export interface BreakableSockets extends WireFaults {
  readonly Socket: new (url: string | URL, protocols?: string | string[]) => SocketLike;
}

/** What the client uses of a WebSocket. */
export interface SocketLike {
  onopen: (() => void) | undefined;
  onmessage: ((event: { readonly data: unknown }) => void) | undefined;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | undefined;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

/** Written as a method, so that the handlers of a browser's own WebSocket fit. */
type Tell<E> = { tell(event: E): unknown }['tell'] | null;

/** The real one below: a browser's WebSocket, or a test's. */
export interface RealSocket {
  onopen: Tell<Event>;
  onmessage: Tell<{ readonly data: unknown }>;
  onclose: Tell<{ readonly code: number; readonly reason: string }>;
  send(text: string): void;
  close(code?: number, reason?: string): void;
}

export type RealSocketClass = new (url: string | URL, protocols?: string | string[]) => RealSocket;

/** As when no close frame came: the network is gone. */
const LOST = { code: 1006, reason: '' } as const;

export function createBreakableSockets(Real: RealSocketClass): BreakableSockets {
  const open = new Set<{ readonly cut: () => void }>();
  let ice: Ice | undefined;
  let isBlocked = false;

  class Socket implements SocketLike {
    onopen: SocketLike['onopen'];
    onmessage: SocketLike['onmessage'];
    onclose: SocketLike['onclose'];
    readonly #real: RealSocket | undefined;
    #isOver = false;

    constructor(url: string | URL, protocols?: string | string[]) {
      if (isBlocked) {
        queueMicrotask(() => this.#end(LOST));
        return;
      }
      open.add(this);
      this.#real = new Real(url, protocols);
      this.#real.onopen = () => this.#pass(() => this.onopen?.());
      this.#real.onmessage = ({ data }) => this.#pass(() => this.onmessage?.({ data }), isEvent(data));
      this.#real.onclose = ({ code, reason }) => this.#pass(() => this.#end({ code, reason }));
    }

    send(text: string): void {
      this.#pass(() => this.#real?.send(text));
    }

    close(code?: number, reason?: string): void {
      this.#real?.close(code, reason);
    }

    cut(): void {
      this.#end(LOST);
      this.#real?.close();
    }

    /** Now, or when the ice has thawed; never after the end. */
    #pass(step: () => void, isEvent = false): void {
      const unlessOver = (): void => {
        if (!this.#isOver) step();
      };
      if (ice === undefined) unlessOver();
      else ice.hold(unlessOver, isEvent);
    }

    #end(how: { readonly code: number; readonly reason: string }): void {
      open.delete(this);
      if (this.#isOver) return;
      this.#isOver = true;
      this.onclose?.(how);
    }
  }

  const cut = (): void => {
    for (const socket of [...open]) socket.cut();
  };

  return {
    Socket,
    cut,
    freeze: (ms, onHeld = () => undefined) => {
      const fresh = new Ice(onHeld);
      ice = fresh;
      setTimeout(() => {
        if (ice === fresh) ice = undefined;
        fresh.release();
      }, ms);
    },
    block: (blocked) => {
      isBlocked = blocked;
      if (blocked) cut();
    },
  };
}

/** One freeze: what was to happen during it, in order. */
class Ice {
  readonly #onHeld: (events: number) => void;
  readonly #held: (() => void)[] = [];
  #events = 0;

  constructor(onHeld: (events: number) => void) {
    this.#onHeld = onHeld;
  }

  hold(step: () => void, isEvent: boolean): void {
    this.#held.push(step);
    if (!isEvent) return;
    this.#events += 1;
    this.#onHeld(this.#events);
  }

  release(): void {
    for (const step of this.#held) step();
  }
}

/** A message that carries an event of a channel; heartbeats are none. */
function isEvent(data: unknown): boolean {
  if (typeof data !== 'string') return false;
  try {
    const frame: unknown = JSON.parse(data);
    return typeof frame === 'object' && frame !== null && 'type' in frame && frame.type === 'event';
  } catch {
    return false;
  }
}
