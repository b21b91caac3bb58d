/** Which page an address means. */

export type Route =
  | { readonly page: 'boards' }
  | { readonly page: 'court' | 'display' | 'umpire'; readonly pin: string }
  | { readonly page: 'unknown' };

/** `/scoreboard`, `/court/{pin}`, `/court/{pin}/display`, `/court/{pin}/umpire`; a slash at the end changes nothing. */
export function routeOf(pathname: string): Route {
  const path = pathname.replace(/\/+$/, '');
  if (path === '/scoreboard') return { page: 'boards' };
  const match = COURT.exec(path);
  const pin = match?.[1];
  if (pin === undefined) return { page: 'unknown' };
  const view = match?.[2];
  return { page: view === 'display' || view === 'umpire' ? view : 'court', pin };
}

const COURT = /^\/court\/([A-Za-z0-9_-]{1,32})(?:\/(display|umpire))?$/;
