/** `toast({ title })`: a short message at the edge of the page that goes by itself. Shown by the page's one `<Toaster>`. */
import { toast as sonner } from 'sonner';
import { alertSoftly } from './alerts.ts';
import { ToastCard } from './toast-card.tsx';
import type { ToastMessage } from './toast-message.ts';

/** Older ones make room: what is not read by then is not read any more. */
const MOST = 5;
const LASTS_MS = 6000;
const LASTS_WITH_ACTION_MS = 12_000;

let made = 0;

/** Returns the id of the toast. Nothing happens on a server. */
export function toast(message: ToastMessage): string {
  made += 1;
  const { id = `toast-${made}`, action } = message;
  if (typeof document === 'undefined') return id;
  const isNew = !sonner.getToasts().some((one) => one.id === id);
  const duration = message.lastsMs ?? (action === undefined ? LASTS_MS : LASTS_WITH_ACTION_MS);
  sonner.custom(() => <ToastCard id={id} message={message} dismiss={() => dismissToast(id)} />, { id, duration });
  for (const old of sonner.getToasts().slice(0, -MOST)) sonner.dismiss(old.id);
  if (isNew) alertSoftly();
  return id;
}

/** Without an id: all of them. */
export function dismissToast(id?: string): void {
  sonner.dismiss(id);
}
