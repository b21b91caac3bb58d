/** The client as a script: what it exports is `window.Fanfare` where it is a plain one, `<script src="/live/fanfare.js">`. */
export { createClient } from './client.ts';
export { ClientError } from './client-error.ts';
export { throttleLatest } from './throttle-latest.ts';
