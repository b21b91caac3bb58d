/** What can be done on a channel, and so has to be allowed. */

/** `manage`: look at the connections of a channel, and end them. */
export type Action = 'subscribe' | 'publish' | 'history' | 'presence' | 'manage';

export const ACTIONS: readonly Action[] = ['subscribe', 'publish', 'history', 'presence', 'manage'];

export function isAction(text: string): text is Action {
  const known: readonly string[] = ACTIONS;
  return known.includes(text);
}
