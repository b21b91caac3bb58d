/**
 * WebSockets that can be broken on purpose, for the "break it" drawer: what the page then shows is not acted, its wire really
 * fails. `Socket` stands in for the page's own `WebSocket`, for all code of the page.
 */
import { BreakableSocket, type RealSocketClass, STATES, type Weather } from './breakable-socket.ts';
import type { WireFaults } from './wire-faults.ts';

export interface BreakableSockets extends WireFaults {
  readonly Socket: typeof WebSocket;
}

export interface BreakableSocketsOptions {
  /** Is a message one of those that a freeze is said to hold? @default events of a channel in the hub's own format */
  readonly isEvent?: (data: unknown) => boolean;
}

export function createBreakableSockets(
  Real: RealSocketClass,
  { isEvent = isChannelEvent }: BreakableSocketsOptions = {},
): BreakableSockets {
  const weather: Weather = { Real, isEvent, open: new Set(), ice: undefined, isBlocked: false };
  class Socket extends BreakableSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(weather, url, protocols);
    }
  }
  const cut = (): void => {
    for (const socket of [...weather.open]) socket.cut();
  };

  return {
    Socket: Object.assign(Socket, STATES),
    cut,
    freeze: (ms, onHeld = () => undefined) => {
      const fresh = new Ice(onHeld);
      weather.ice = fresh;
      setTimeout(() => {
        if (weather.ice === fresh) weather.ice = undefined;
        fresh.release();
      }, ms);
    },
    block: (blocked) => {
      weather.isBlocked = blocked;
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
