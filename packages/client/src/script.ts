/** The client as a plain script, `<script src="/live/fanfare.js">`: what it exports is `window.Fanfare` there. */

export { createClient } from './client.ts';
export { ClientError } from './client-error.ts';
export { throttleLatest } from './throttle-latest.ts';
