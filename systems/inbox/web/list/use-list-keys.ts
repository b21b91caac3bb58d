/** A list by keyboard: one stop for Tab, then the arrow keys, Home and End. */
import type { Note } from '@fanfare-systems/inbox/rules';
import { type FocusEvent, type KeyboardEvent, type RefObject, useState } from 'react';

export interface ListKeys {
  /** The id of the row that Tab comes to. */
  readonly reachable: number | undefined;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onFocus: (event: FocusEvent) => void;
}

export function useListKeys(list: RefObject<HTMLElement | null>, notes: readonly Note[]): ListKeys {
  const [last, setLast] = useState<number>();
  // The row that had the focus may have been filtered away.
  const reachable = notes.some(({ id }) => id === last) ? last : notes[0]?.id;
  return {
    reachable,
    onFocus: ({ target }) => {
      const id = target instanceof HTMLElement ? Number(target.dataset['note']) : Number.NaN;
      if (Number.isInteger(id)) setLast(id);
    },
    onKeyDown: (event) => {
      const rows: (Element | null)[] = [...(list.current?.querySelectorAll('[data-note]') ?? [])];
      const at = rows.indexOf(document.activeElement);
      const to = at === -1 ? undefined : rows[placeOf(event.key, at, rows.length) ?? -1];
      if (!(to instanceof HTMLElement)) return;
      event.preventDefault();
      to.focus();
    },
  };
}

function placeOf(key: string, at: number, length: number): number | undefined {
  switch (key) {
    case 'ArrowDown':
    case 'j':
      return Math.min(at + 1, length - 1);
    case 'ArrowUp':
    case 'k':
      return Math.max(at - 1, 0);
    case 'Home':
      return 0;
    case 'End':
      return length - 1;
    default:
      return undefined;
  }
}
