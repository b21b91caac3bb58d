/** What a toast says. */

/** Its icon, its colour, and the word before the title for screen readers. */
export type ToastTone = 'plain' | 'good' | 'warning' | 'bad';

/** One toast. */
export interface ToastMessage {
  readonly title: string;
  readonly text?: string;
  /** @default plain */
  readonly tone?: ToastTone;
  /** A toast of the same id is replaced, where it stands and without another sound. @default one of its own */
  readonly id?: string;
  /** One thing to do about it; doing it dismisses the toast. */
  readonly action?: ToastAction;
  /** Shown and read aloud, but no sound and no vibration goes with it, whatever the visitor turned on. @default false */
  readonly silent?: boolean;
  /** Not counted while the pointer is on the toasts or the page is hidden. Infinity: until dismissed. @default 6000, with an action 12000 */
  readonly lastsMs?: number;
}

/** A button of a toast. */
export interface ToastAction {
  /** What the button says. */
  readonly label: string;
  /** Called once, when the visitor presses it. */
  readonly run: () => void;
}
