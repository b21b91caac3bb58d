/** As many of the wanted channels as fit into a request line. */
import type { WireOptions } from '../wire.ts';
import { addChannel } from './http-end.ts';

/** Asks for channels until the address is longer than that; returns those. */
export function addFitting(url: URL, { wanted, present }: WireOptions, maxLength: number): Set<string> {
  const added = new Set<string>();
  for (const name of wanted()) {
    if (url.href.length > maxLength) break;
    addChannel(url, name, present(name));
    added.add(name);
  }
  return added;
}
