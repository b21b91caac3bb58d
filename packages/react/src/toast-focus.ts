/** Where the focus is among the toasts, and where it goes when one is dismissed. */

/** As sonner marks them. */
const TOAST = '[data-sonner-toast]';

/** The id of the toast that has the focus, or in which something has it. */
export function focusedToast(): { readonly id: string; readonly element: Element } | undefined {
  const element = document.activeElement?.closest(TOAST) ?? undefined;
  const id = element?.querySelector<HTMLElement>('[data-toast]')?.dataset['toast'];
  return element === undefined || id === undefined ? undefined : { id, element };
}

/**
 * Before the toast of this element goes: the focus, if the toast has it, passes to the next toast; from the last one it goes back to
 * where it was before, as sonner sees to when the toasts lose it.
 */
export function passFocusOn(leaving: Element): void {
  const toast = leaving.closest(TOAST);
  const focused = document.activeElement;
  if (toast === null || !(focused instanceof HTMLElement) || !toast.contains(focused)) return;
  const next = staying(toast, 'nextElementSibling') ?? staying(toast, 'previousElementSibling');
  if (next === undefined) focused.blur();
  else next.focus();
}

/** The nearest toast in that direction that is not on its way out already. */
function staying(toast: Element, direction: 'nextElementSibling' | 'previousElementSibling'): HTMLElement | undefined {
  let at = toast[direction];
  while (at?.matches('[data-removed=true]') === true) at = at[direction];
  return at instanceof HTMLElement ? at : undefined;
}
