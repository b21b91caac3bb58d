/** The path of a request line: what stands before the query, of both forms that a proxy or a client may send. */

export function requestPath(url: string): string {
  const end = url.search(/[?#]/);
  const path = end === -1 ? url : url.slice(0, end);
  if (path.startsWith('/')) {
    return path;
  }
  // The absolute form (`GET http://host/path`), which every server must accept [RFC 9112 §3.2.2].
  const absolute = /^https?:\/\/[^/]*(\/.*)?$/i.exec(path);
  return absolute === null ? path : (absolute[1] ?? '/');
}

/** What stands behind the path. */
export function queryOf(url = ''): URLSearchParams {
  const [target = ''] = url.split('#', 1);
  const query = target.indexOf('?');
  return new URLSearchParams(query === -1 ? '' : target.slice(query));
}
