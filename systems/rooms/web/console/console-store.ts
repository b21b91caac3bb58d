/** Every client of the console and every frame of the first: what the page shows, renewed once per drawn frame at most. */
import { type ClientFacts, ConsoleClient, type Direction } from './console-client.ts';
import type { Protocol } from './wire.ts';

export interface Frame {
  readonly id: number;
  readonly at: number;
  readonly direction: Direction;
  readonly text: string;
  /** Of a message that came; of a note, the reason. */
  readonly type: string;
}

export interface ConsoleView {
  /** The client that the controls speak for; undefined: none was opened. */
  readonly lead: ClientFacts | undefined;
  readonly leadTakesRaw: boolean;
  readonly crowd: readonly ClientFacts[];
  /** Newest first. */
  readonly frames: readonly Frame[];
  /** Messages that the crowd has got. */
  readonly crowdHeard: number;
}

const MAX_FRAMES = 200;
/** Characters of one frame that are shown. */
const MAX_TEXT = 2000;
export const MAX_CROWD = 200;
const EMPTY: ConsoleView = { lead: undefined, leadTakesRaw: false, crowd: [], frames: [], crowdHeard: 0 };

export class ConsoleStore {
  readonly #listeners = new Set<() => void>();
  #view = EMPTY;
  #lead: ConsoleClient | undefined;
  #crowd: readonly ConsoleClient[] = [];
  #frames: readonly Frame[] = [];
  #keys = 0;
  #frameIds = 0;
  #isDue = false;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly view = (): ConsoleView => this.#view;

  get lead(): ConsoleClient | undefined {
    return this.#lead;
  }

  connect(protocol: Protocol): void {
    this.#lead?.close();
    this.#lead = this.#make(protocol, (direction, text, type) => this.#note(direction, text, type));
    this.#change();
  }

  /** So many more, all in one room. */
  gather(protocol: Protocol, options: { readonly count: number; readonly room: string }): void {
    const count = Math.min(options.count, MAX_CROWD - this.#crowd.length);
    const more = Array.from({ length: Math.max(0, count) }, () => this.#make(protocol, () => {}, options.room));
    this.#crowd = [...this.#crowd, ...more];
    this.#change();
  }

  disperse(): void {
    for (const client of this.#crowd) client.close();
    this.#crowd = [];
    this.#change();
  }

  clear(): void {
    this.#frames = [];
    this.#change();
  }

  #make(
    protocol: Protocol,
    frame: (direction: Direction, text: string, type: string) => void,
    room?: string,
  ): ConsoleClient {
    this.#keys += 1;
    const changed = (): void => this.#change();
    return new ConsoleClient({ key: this.#keys, protocol, changed, frame, ...(room === undefined ? {} : { room }) });
  }

  #note(direction: Direction, text: string, type: string): void {
    this.#frameIds += 1;
    const shown = text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}… (${text.length})`;
    const frame = { id: this.#frameIds, at: Date.now(), direction, text: shown, type };
    this.#frames = [frame, ...this.#frames].slice(0, MAX_FRAMES);
    this.#change();
  }

  #change(): void {
    if (this.#isDue) return;
    this.#isDue = true;
    // A page in the background draws nothing: it gets its turn all the same.
    if (document.visibilityState === 'visible') requestAnimationFrame(() => this.#show());
    else setTimeout(() => this.#show(), 100);
  }

  #show(): void {
    this.#isDue = false;
    const crowd = this.#crowd.map(({ facts }) => facts);
    this.#view = {
      lead: this.#lead?.facts,
      leadTakesRaw: this.#lead?.takesRaw === true,
      crowd,
      frames: this.#frames,
      crowdHeard: crowd.reduce((sum, { heard }) => sum + heard, 0),
    };
    for (const listener of this.#listeners) listener();
  }
}

export const store: ConsoleStore = new ConsoleStore();
