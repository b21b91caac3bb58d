/** What a component publishes on one channel: whether something is on its way, and what failed last. */
import { ClientError, type PublishOptions, type Receipt, type SetOptions } from '@fanfare/client';
import type { AnyHandle } from './use-handle.ts';

/** A refusal is an outcome and not a throw: a button's handler has nobody to catch it. */
export type PublishOutcome =
  | { readonly ok: true; readonly receipt: Receipt }
  | { readonly ok: false; readonly error: ClientError };

/** How what a component publishes on one channel stands. */
export interface PublishState {
  /** Something is on its way, or waits for the connection. */
  readonly pending: boolean;
  /** Why the last one failed; gone when the next one begins. */
  readonly error: ClientError | undefined;
}

/** What a server renders. */
export const AT_REST: PublishState = { pending: false, error: undefined };

/** A store of one component and one channel. Its functions stay the same for its life. */
export class Publishing {
  readonly #handle: AnyHandle | undefined;
  readonly #listeners = new Set<() => void>();
  #state: PublishState = AT_REST;
  #inFlight = 0;

  /** Without a handle everything fails, with CHANNEL_MISSING. */
  constructor(handle: AnyHandle | undefined) {
    this.#handle = handle;
  }

  readonly publish = (event: string, data: unknown, options?: PublishOptions): Promise<PublishOutcome> =>
    this.#run((handle) => handle.publish(event, data, options));

  readonly set = (value: unknown, options?: SetOptions): Promise<PublishOutcome> =>
    this.#run((handle) => handle.set(value, options));

  readonly getSnapshot = (): PublishState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  async #run(send: (handle: AnyHandle) => Promise<Receipt>): Promise<PublishOutcome> {
    this.#inFlight += 1;
    this.#tell(undefined);
    let error: ClientError | undefined;
    try {
      if (this.#handle === undefined) throw new ClientError('CHANNEL_MISSING', 'There is no channel to publish on.');
      return { ok: true, receipt: await send(this.#handle) };
    } catch (cause) {
      // Anything else is a programmer's mistake, and not for the visitor.
      if (!(cause instanceof ClientError)) throw cause;
      error = cause;
      return { ok: false, error };
    } finally {
      this.#inFlight -= 1;
      this.#tell(error ?? this.#state.error);
    }
  }

  #tell(error: ClientError | undefined): void {
    const pending = this.#inFlight > 0;
    if (pending === this.#state.pending && error === this.#state.error) return;
    this.#state = { pending, error };
    for (const listener of this.#listeners) listener();
  }
}
