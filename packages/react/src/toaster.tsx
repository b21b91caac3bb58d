/** Where the page's toasts appear: one per page, anywhere in it. */
import { type ReactElement, useEffect } from 'react';
import { Toaster as Sonner } from 'sonner';
import { createDictionary, useWords } from './dictionary.ts';
import { dismissToast } from './toast.tsx';
import { focusedToast, passFocusOn } from './toast-focus.ts';

const SEEN = 3;

/**
 * At the lower right, on a phone along the bottom; read aloud politely. Alt+T goes to the toasts, Tab walks through them, Escape or
 * Delete dismisses the one that has the focus.
 */
export function Toaster(): ReactElement {
  const words = useWords(dictionary);
  useEffect(() => {
    document.addEventListener('keydown', dismissFocused);
    return () => document.removeEventListener('keydown', dismissFocused);
  }, []);
  return (
    <Sonner
      position="bottom-right"
      visibleToasts={SEEN}
      gap={12}
      offset={20}
      mobileOffset={12}
      containerAriaLabel={words.toasts}
    />
  );
}

function dismissFocused(event: KeyboardEvent): void {
  if (event.key !== 'Escape' && event.key !== 'Delete') return;
  const focused = focusedToast();
  if (focused === undefined) return;
  event.preventDefault();
  passFocusOn(focused.element);
  dismissToast(focused.id);
}

const dictionary = createDictionary({ en: { toasts: 'Notifications' }, vi: { toasts: 'Thông báo' } });
