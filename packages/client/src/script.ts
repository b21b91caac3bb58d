/**
 * The client as a plain script, `<script src="/live/fanfare.js">`: what it exports is `window.Fanfare` there. The same script is the
 * worker that tabs share.
 */
import { serveTabs } from './tabs/worker.ts';

export { createClient } from './client.ts';
export { ClientError } from './client-error.ts';
export { throttleLatest } from './throttle-latest.ts';

if ('SharedWorkerGlobalScope' in globalThis) serveTabs();
