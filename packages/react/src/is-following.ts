/** Do changes arrive by themselves? What a page shows is fresh while they do, and a memory while they do not. */
import type { ConnectionState } from '@fanfare/client';

/** Live, or polling: then everything arrives, if a little later. */
export function isFollowing({ status }: ConnectionState): boolean {
  return status === 'live' || status === 'polling';
}
