/** Publishing from a component: functions that stay the same, and how the last call stands. */
import { useMemo, useSyncExternalStore } from 'react';
import { AT_REST, Publishing, type PublishState } from './publishing.ts';
import { useHandle } from './use-handle.ts';

export type AnyPublisher = PublishState & Pick<Publishing, 'publish' | 'set'>;

export function useAnyPublish(name: string | undefined): AnyPublisher {
  const handle = useHandle(name);
  // Another channel begins at rest: an error of the one before says nothing about it.
  const publishing = useMemo(() => new Publishing(handle), [handle]);
  const state = useSyncExternalStore(publishing.subscribe, publishing.getSnapshot, () => AT_REST);
  return useMemo(() => ({ ...state, publish: publishing.publish, set: publishing.set }), [state, publishing]);
}
