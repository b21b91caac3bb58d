/** Which wires clients may use, as the operator says while they are connected [PROTOCOL §16]. */
import { type CloseName, type ControlFrame, TRANSPORTS, type TransportName } from '@fanfare/protocol';
import type { HubEventStream } from './hub-events.ts';
import type { Clock, Entropy } from './ports/clock.ts';
import { closeInSlices } from './sliced-close.ts';

/** A connection, as the switch sees it. */
export interface Switchable {
  readonly closed: boolean;
  /** undefined: it is not concerned. */
  readonly transport: TransportName | undefined;
  control(frame: ControlFrame): void;
  close(name: CloseName): void;
}

export interface TransportSwitchOptions {
  readonly initial: readonly TransportName[];
  /** Open now. */
  readonly connections: () => Iterable<Switchable>;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly events: HubEventStream;
}

export type SwitchListener = (allowed: readonly TransportName[]) => void;

/** Connections over a wire that is not allowed any more end within so long. */
const SWITCH_MS = 2000;

export class TransportSwitch {
  readonly #options: TransportSwitchOptions;
  readonly #listeners = new Set<SwitchListener>();
  #allowed: readonly TransportName[];

  constructor(options: TransportSwitchOptions) {
    this.#options = options;
    this.#allowed = inOrder(options.initial);
  }

  /** Never empty; in the order of TRANSPORTS. */
  get allowed(): readonly TransportName[] {
    return this.#allowed;
  }

  /** Is any wire forbidden? Only then a client is told when it connects. */
  get restricts(): boolean {
    return this.#allowed.length < TRANSPORTS.length;
  }

  allows(transport: TransportName): boolean {
    return this.#allowed.includes(transport);
  }

  /**
   * Tells every connected client at once, and ends those over a wire that is forbidden now in random slices, with a code
   * that says reconnect. Throws a TypeError when nothing would be left.
   */
  set(transports: readonly TransportName[]): void {
    const allowed = inOrder(transports);
    if (allowed.length === 0) throw new TypeError(`transports: expected at least one of ${TRANSPORTS.join(', ')}.`);
    if (allowed.length === this.#allowed.length && allowed.every((name) => this.allows(name))) return;
    this.#allowed = allowed;
    this.#options.events.emit({ kind: 'transports-switched', transports: allowed });
    for (const listener of [...this.#listeners]) listener(allowed);
    this.#tell();
  }

  /** Told each time the operator has changed them, until the returned function is called. Must not throw. */
  observe(listener: SwitchListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  #tell(): void {
    const { connections, clock, entropy } = this.#options;
    const mayNot = ({ transport }: Switchable): boolean => transport !== undefined && !this.allows(transport);
    const leaving: Switchable[] = [];
    for (const connection of [...connections()]) {
      if (connection.transport === undefined) continue;
      connection.control({ type: 'transports', transports: this.#allowed });
      if (mayNot(connection)) leaving.push(connection);
    }
    // An operator who changes their mind meanwhile spares those who have not left yet.
    const close = (connection: Switchable): void => {
      if (mayNot(connection)) connection.close('transportSwitched');
    };
    void closeInSlices({ connections: leaving, overMs: SWITCH_MS, clock, entropy, close });
  }
}

function inOrder(names: readonly TransportName[]): readonly TransportName[] {
  return TRANSPORTS.filter((name) => names.includes(name));
}
