/**
 * WebSockets that can be broken on purpose, for the "break it" drawer: what the page then shows is not acted, its wire really
 * fails. `Socket` stands in for the page's own `WebSocket`, as far as the client uses it.
 */
import type { WireFaults } from './wire-faults.ts';

export interface BreakableSockets extends WireFaults {
  readonly Socket: new (url: string | URL, protocols?: string | string[]) => SocketLike;
}

/** What our client, a page's own code and socket.io-client use of a WebSocket. */
export interface SocketLike {
  onopen: (() => void) | null | undefined;
  onmessage: ((event: { readonly data: unknown }) => void) | null | undefined;
  onclose: ((event: { readonly code: number; readonly reason: string }) => void) | null | undefined;
  /** Never told: what fails ends, and that is told. */
  onerror: (() => void) | null | undefined;
  binaryType: BinaryType;
  readonly readyState: number;
  send(data: Data): void;
  close(code?: number, reason?: string): void;
}

type Data = string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | Blob;

/** Written as a method, so that the handlers of a browser's own WebSocket fit. */
type Tell<E> = { tell(event: E): unknown }['tell'] | null;

/** The real one below: a browser's WebSocket, or a test's. */
export interface RealSocket {
  onopen: Tell<Event>;
  onmessage: Tell<{ readonly data: unknown }>;
  onclose: Tell<{ readonly code: number; readonly reason: string }>;
  binaryType: BinaryType;
  readonly readyState: number;
  send(data: Data): void;
  close(code?: number, reason?: string): void;
}

export type RealSocketClass = new (url: string | URL, protocols?: string | string[]) => RealSocket;

/** As when no close frame came: the network is gone. */
const LOST = { code: 1006, reason: '' } as const;

/** What `readyState` may be, as a WebSocket has it. */
const STATES = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const;

export interface BreakableSocketsOptions {
  /** Is a message one of those that a freeze is said to hold? @default events of a channel in the hub's own format */
  readonly isEvent?: (data: unknown) => boolean;
}

export function createBreakableSockets(
  Real: RealSocketClass,
  { isEvent = isChannelEvent }: BreakableSocketsOptions = {},
): BreakableSockets {
  const open = new Set<{ readonly cut: () => void }>();
  let ice: Ice | undefined;
  let isBlocked = false;

  class Socket implements SocketLike {
    onopen: SocketLike['onopen'];
    onmessage: SocketLike['onmessage'];
    onclose: SocketLike['onclose'];
    onerror: SocketLike['onerror'];
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

    get readyState(): number {
      return this.#isOver ? STATES.CLOSED : (this.#real?.readyState ?? STATES.CONNECTING);
    }

    get binaryType(): BinaryType {
      return this.#real?.binaryType ?? 'blob';
    }

    set binaryType(type: BinaryType) {
      if (this.#real !== undefined) this.#real.binaryType = type;
    }

    send(data: Data): void {
      this.#pass(() => {
        if (this.#real?.readyState === STATES.OPEN) this.#real.send(data);
      });
    }

    close(code?: number, reason?: string): void {
      this.#real?.close(code, reason);
    }

    cut(): void {
      this.#end(LOST);
      this.#real?.close();
    }

    /** Now, or when the ice has thawed; never after the end. */
    #pass(step: () => void, counts = false): void {
      const unlessOver = (): void => {
        if (!this.#isOver) step();
      };
      if (ice === undefined) unlessOver();
      else ice.hold(unlessOver, counts);
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
    Socket: Object.assign(Socket, STATES),
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
function isChannelEvent(data: unknown): boolean {
  if (typeof data !== 'string') return false;
  try {
    const frame: unknown = JSON.parse(data);
    return typeof frame === 'object' && frame !== null && 'type' in frame && frame.type === 'event';
  } catch {
    return false;
  }
}
