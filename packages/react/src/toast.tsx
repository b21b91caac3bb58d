/** `toast({ title })`: a short message at the edge of the page that goes by itself. Shown by the page's one `<Toaster>`. */
import { toast as sonner } from 'sonner';
import { alertSoftly } from './alerts.ts';
import { ToastCard } from './toast-card.tsx';
import type { ToastMessage } from './toast-message.ts';

interface Waiting {
  readonly id: string;
  readonly message: ToastMessage;
}

/** Older ones make room: what is not read by then is not read any more. */
const MOST = 5;
const LASTS_MS = 6000;
const LASTS_WITH_ACTION_MS = 12_000;

let made = 0;
/** Of this turn: a reconnect that catches up on hundreds shows the last few of them, and not each for a moment. */
let waiting: readonly Waiting[] = [];

/** Returns the id of the toast. Nothing happens on a server. */
export function toast(message: ToastMessage): string {
  made += 1;
  const { id = `toast-${made}` } = message;
  if (typeof document === 'undefined') return id;
  if (waiting.length === 0) queueMicrotask(showWaiting);
  waiting = [...waiting.filter((one) => one.id !== id), { id, message }].slice(-MOST);
  return id;
}

/** Without an id: all of them. */
export function dismissToast(id?: string): void {
  waiting = id === undefined ? [] : waiting.filter((one) => one.id !== id);
  sonner.dismiss(id);
}

function showWaiting(): void {
  const fresh = waiting;
  waiting = [];
  const known = new Set(sonner.getToasts().map((one) => one.id));
  for (const { id, message } of fresh) {
    const duration = message.lastsMs ?? (message.action === undefined ? LASTS_MS : LASTS_WITH_ACTION_MS);
    sonner.custom(() => <ToastCard id={id} message={message} dismiss={() => dismissToast(id)} />, { id, duration });
  }
  for (const old of sonner.getToasts().slice(0, -MOST)) sonner.dismiss(old.id);
  if (fresh.some(({ id, message }) => !known.has(id) && message.silent !== true)) alertSoftly();
}
