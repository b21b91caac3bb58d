/**
 * Requests that Node's parser takes, and that another reader of the same bytes may read otherwise [RFC 9112 §3.2, §6.3]: with such
 * a one, a proxy in front and this server may disagree where the next request begins, or for which host it is.
 */
import type { IncomingMessage } from 'node:http';

/** Of a request target that names a host by itself: `GET http://example.com/`. */
const ABSOLUTE = /^[a-z][a-z\d+.-]*:\/\/(?<authority>[^/?#]*)/i;

/** No host where HTTP/1.1 has one, several hosts, a target for another host than the header's, or a transfer coding that is anything but one `chunked`. */
export function isAmbiguous({ url = '', headers, rawHeaders, httpVersion }: IncomingMessage): boolean {
  const coding = headers['transfer-encoding'];
  if (coding !== undefined && coding.toLowerCase() !== 'chunked') return true;
  const authority = ABSOLUTE.exec(url)?.groups?.['authority'];
  if (authority !== undefined && authority.toLowerCase() !== headers.host?.toLowerCase()) return true;
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at];
    if (name?.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1 || (hosts === 0 && httpVersion === '1.1');
}
