/** Words that a worker keeps for the next visit: it has none of the page's storage, but a cache. */

/** Under any address: what is kept is not what is there. */
const addressOf = (key: string): string => `/fanfare?${encodeURIComponent(key)}`;

/** undefined: there is none, or no place to keep one, as where the page is no secure context. */
export async function recallWord(key: string): Promise<string | undefined> {
  try {
    const kept = await (await open()).match(addressOf(key));
    return await kept?.text();
  } catch {
    return undefined;
  }
}

/** Without a place for it the next visit finds out by itself. */
export async function rememberWord(key: string, word: string): Promise<void> {
  try {
    await (await open()).put(addressOf(key), new Response(word));
  } catch {
    // Full, or forbidden.
  }
}

function open(): Promise<Cache> {
  return caches.open('fanfare');
}
