/** One WebSocket of a page, with the whole interface of one, which does what its weather says. */
import { SocketEvents } from './socket-events.ts';

type Data = string | ArrayBuffer | ArrayBufferView<ArrayBuffer> | Blob;

/** Written as a method, so that the handlers of a browser's own WebSocket fit. */
type Tell<E> = { tell(event: E): unknown }['tell'] | null;

/** The real one below: a browser's WebSocket, or a test's. */
export interface RealSocket {
  onopen: Tell<Event>;
  onmessage: Tell<{ readonly data: unknown }>;
  onerror: Tell<Event>;
  onclose: Tell<Closing>;
  binaryType: BinaryType;
  readonly readyState: WebSocket['readyState'];
  readonly bufferedAmount: number;
  readonly url: string;
  readonly protocol: string;
  readonly extensions: string;
  send(data: Data): void;
  close(code?: number, reason?: string): void;
}

export type RealSocketClass = new (url: string | URL, protocols?: string | string[]) => RealSocket;

/** What becomes of all of them. */
export interface Weather {
  readonly Real: RealSocketClass;
  readonly isEvent: (data: unknown) => boolean;
  /** Those that stand, or are on their way. */
  readonly open: Set<BreakableSocket>;
  /** Holds what is to happen, in order, where there is one. */
  ice: { hold(step: () => void, isEvent: boolean): void } | undefined;
  isBlocked: boolean;
}

interface Closing {
  readonly code: number;
  readonly reason: string;
  readonly wasClean: boolean;
}

/** As when no close frame came: the network is gone. */
const LOST: Closing = { code: 1006, reason: '', wasClean: false };

/** What `readyState` may be: on the class, and on every one of it. */
export const STATES = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const;

export class BreakableSocket extends SocketEvents implements WebSocket {
  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;
  readonly #weather: Weather;
  /** None where it was blocked from the beginning. */
  readonly #real: RealSocket | undefined;
  readonly #url: string;
  #binaryType: BinaryType = 'blob';
  #isOver = false;

  constructor(weather: Weather, url: string | URL, protocols?: string | string[]) {
    super();
    this.#weather = weather;
    if (weather.isBlocked) {
      this.#url = socketUrl(url);
      queueMicrotask(() => this.#end(LOST));
      return;
    }
    const real = new weather.Real(url, protocols);
    weather.open.add(this);
    this.#real = real;
    this.#url = real.url;
    real.onopen = () => this.#pass(() => this.dispatchEvent(new Event('open')));
    real.onmessage = ({ data }) => {
      const { origin } = new URL(this.#url);
      this.#pass(() => this.dispatchEvent(new MessageEvent('message', { data, origin })), weather.isEvent(data));
    };
    real.onerror = () => this.#pass(() => this.dispatchEvent(new Event('error')));
    real.onclose = ({ code, reason, wasClean }) => this.#pass(() => this.#end({ code, reason, wasClean }));
  }

  get readyState(): WebSocket['readyState'] {
    return this.#isOver ? STATES.CLOSED : (this.#real?.readyState ?? STATES.CONNECTING);
  }

  get url(): string {
    return this.#url;
  }

  get protocol(): string {
    return this.#real?.protocol ?? '';
  }

  get extensions(): string {
    return this.#real?.extensions ?? '';
  }

  /** Without what a freeze holds. */
  get bufferedAmount(): number {
    return this.#real?.bufferedAmount ?? 0;
  }

  get binaryType(): BinaryType {
    return this.#real?.binaryType ?? this.#binaryType;
  }

  set binaryType(type: BinaryType) {
    if (this.#real === undefined) this.#binaryType = type;
    else this.#real.binaryType = type;
  }

  send(data: Data): void {
    if (this.readyState === STATES.CONNECTING) {
      throw new DOMException('send: the WebSocket is still connecting.', 'InvalidStateError');
    }
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
    const { ice } = this.#weather;
    if (ice === undefined) unlessOver();
    else ice.hold(unlessOver, counts);
  }

  #end(how: Closing): void {
    this.#weather.open.delete(this);
    if (this.#isOver) return;
    this.#isOver = true;
    // As of a server that nobody reaches. One that stood and is cut off has no error: browsers tell its close alone.
    if (this.#real === undefined) this.dispatchEvent(new Event('error'));
    this.dispatchEvent(new CloseEvent('close', { ...how }));
  }
}
Object.assign(BreakableSocket.prototype, STATES);

/** Relative to the page, and of WebSockets, as the standard has it. */
function socketUrl(url: string | URL): string {
  const absolute = new URL(url, document.baseURI);
  absolute.protocol = absolute.protocol.replace('http', 'ws');
  return absolute.href;
}
