/** What the "break it" drawer can do to a wire of this page, whatever it is made of. */

export interface WireFaults {
  /** Breaks everything that is open in the middle, as a lost network does. */
  readonly cut: () => void;
  /**
   * Nothing goes out and nothing comes in for so long; then everything that waited, at once. `onHeld` is told how many events
   * wait by now, whenever there are more.
   */
  readonly freeze: (ms: number, onHeld?: (events: number) => void) => void;
  /** Refuses to open anything, and cuts what is open, until unblocked. */
  readonly block: (blocked: boolean) => void;
}

/** The same to each of several wires: which of them is in use is the client's choice. */
export function faultsOf(...wires: readonly WireFaults[]): WireFaults {
  return {
    cut: () => {
      for (const wire of wires) wire.cut();
    },
    freeze: (ms, onHeld) => {
      const held = wires.map(() => 0);
      for (const [at, wire] of wires.entries()) {
        wire.freeze(ms, (events) => {
          held[at] = events;
          onHeld?.(held.reduce((all, some) => all + some, 0));
        });
      }
    },
    block: (blocked) => {
      for (const wire of wires) wire.block(blocked);
    },
  };
}
