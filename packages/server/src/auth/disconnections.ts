/** Ends connections, or single subscriptions, by whose they are: on every server that shares the engine. */
import { describeValue } from '@fanfare/protocol';
import type { Broker, Disconnected, DisconnectTarget, Entropy } from '../core/index.ts';
import { fieldsOf } from './fields-of.ts';

export interface DisconnectionsOptions {
  readonly broker: Pick<Broker, 'broadcast' | 'follow'>;
  readonly entropy: Pick<Entropy, 'id'>;
  /** On this server. */
  readonly end: (target: DisconnectTarget) => Disconnected;
}

/** No client can name it: the channel map has no names that begin so. */
const CHANNEL = '_fanfare:disconnections';
const FIELDS = ['subject', 'tokenId', 'connection', 'channel'] as const;

export class Disconnections {
  readonly #options: DisconnectionsOptions;
  readonly #server: string;
  readonly #unfollow: () => void;

  constructor(options: DisconnectionsOptions) {
    this.#options = options;
    this.#server = options.entropy.id();
    this.#unfollow = options.broker.follow(CHANNEL, (events) => {
      for (const { dataJson } of events) this.#heard(dataJson);
    });
  }

  /**
   * Connections are closed with `disconnectedByOperator`, which is final; a subscription ends with FORBIDDEN; and so do those that are
   * being let in at that moment, which are not counted. Throws a TypeError for a target that names nobody.
   */
  disconnect(target: DisconnectTarget): Disconnected {
    const checked = readTarget(target);
    const dataJson = JSON.stringify({ from: this.#server, target: checked });
    this.#options.broker.broadcast({ channel: CHANNEL, event: 'disconnect', dataJson });
    return this.#options.end(checked);
  }

  close(): void {
    this.#unfollow();
  }

  #heard(dataJson: string): void {
    const { from, target } = fieldsOf(dataJson);
    // A later version may name what this one does not know: to end more than it meant would be worse than to end nothing.
    const known = from === this.#server ? undefined : parseTarget(target);
    if (known !== undefined) this.#options.end(known);
  }
}

/** Throws a TypeError on what is no target. */
function readTarget(target: unknown): DisconnectTarget {
  const read = parseTarget(target);
  if (read !== undefined) return read;
  throw new TypeError(
    `disconnect: expected { subject, tokenId, connection, channel }, one at least, got ${describeValue(target)}.`,
  );
}

/** undefined: it is no target. */
function parseTarget(target: unknown): DisconnectTarget | undefined {
  const fields: Readonly<Record<string, unknown>> = Object(target);
  const entries = FIELDS.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]] as const]));
  const isKnown = Object.keys(fields).every((name) => FIELDS.some((field) => field === name));
  const isTarget =
    isKnown && entries.length > 0 && entries.every(([, value]) => typeof value === 'string' && value !== '');
  return isTarget ? Object.fromEntries(entries) : undefined;
}
