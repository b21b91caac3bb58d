/** A URL as it may stand in a log: of the query only what is known to be harmless keeps its value. */

/** An allow-list: a credential under a name that nobody thought of stays out of the log too. */
const HARMLESS = new Set(['channel', 'limit', 'wait', 'before', 'unread', 'resource']);
const MAX_LENGTH = 512;
/** A JWT in the path: nobody is asked for it there, and people put it there. */
const TOKEN = /eyJ[\w-]*\.[\w-]+\.[\w-]*/g;

/** Who has the id of a poll may command it where nobody in particular did open it. */
const UPLINK = /^(\/live\/uplink\/)[^/?]+/;

/** The path stays; `token=eyJ...` becomes `token=[redacted]`; names without a value stay as they are. */
export function redactUrl(url: string): string {
  const split = url.indexOf('?');
  if (split === -1) {
    return redactPath(url).slice(0, MAX_LENGTH);
  }
  const query = url
    .slice(split + 1)
    .split('&')
    .map(redactPair)
    .join('&');
  return `${redactPath(url.slice(0, split))}?${query}`.slice(0, MAX_LENGTH);
}

function redactPath(path: string): string {
  return path.replace(UPLINK, '$1[redacted]').replace(TOKEN, '[redacted]');
}

function redactPair(pair: string): string {
  const split = pair.indexOf('=');
  if (split === -1) {
    // A lone word may be the secret itself.
    return HARMLESS.has(pair) || pair === '' ? pair : '[redacted]';
  }
  const name = pair.slice(0, split);
  return HARMLESS.has(name) ? pair : `${name}=[redacted]`;
}
