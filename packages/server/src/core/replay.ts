/** History to one subscription, as fast as its peer takes it. */
import type { Delivery } from './delivery.ts';
import type { EventBatch } from './event-batch.ts';
import type { FramedEvent } from './framed-event.ts';
import type { Subscription } from './subscription.ts';

/** Resolves when everything was handed over, or the subscription has ended, as it does with its connection. */
export async function replayEach(
  delivery: Delivery,
  subscription: Subscription,
  history: { readonly events: readonly FramedEvent[]; readonly snapshot: boolean },
): Promise<void> {
  const { events, snapshot } = history;
  for (let index = 0; index < events.length && subscription.attached; ) {
    index = delivery.replaySlice(subscription, events, { index, snapshot });
    if (index < events.length) await delivery.writable();
  }
}

/** The same with the bytes that everybody gets, where this peer may have them. */
export async function replayShared(delivery: Delivery, subscription: Subscription, batch: EventBatch): Promise<void> {
  if (delivery.replayShared(subscription, batch)) return;
  await replayEach(delivery, subscription, { events: batch.events, snapshot: false });
}
