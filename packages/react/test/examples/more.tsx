/** Examples of docs/reference/react.md, compiled here and never run. */
import {
  CountBadge,
  createDictionary,
  Flash,
  isFollowing,
  Toaster,
  toast,
  useFlash,
  useTitleCount,
  useWords,
} from '@fanfare/react';
import { type ReactElement, useEffect, useState } from 'react';
import { useChannel, useConnectionState, useEvent, useLoss, usePublish } from './first.tsx';
import { type Order, Receipt, readAllOrders, restore } from './page.tsx';

export function Left({ item }: { readonly item: string | undefined }): ReactElement {
  const { value, subscription } = useChannel(item === undefined ? undefined : `stock:${item}`, { everyMs: 80 });
  if (subscription.status === 'refused') return <p>{subscription.reason.message}</p>;
  return <Flash value={value?.left} />;
}

export function Orders(): ReactElement {
  const [orders, setOrders] = useState<readonly Order[]>([]);
  useEffect(() => void readAllOrders().then(setOrders), []);
  useEvent('orders:hanoi', 'paid', (order) => setOrders((known) => [...known, order]));
  useLoss('orders:hanoi', () => void readAllOrders().then(setOrders));
  return (
    <>
      {orders.map((order) => (
        <Receipt key={order.id} order={order} />
      ))}
    </>
  );
}

export function Restock(): ReactElement {
  const { set, pending, error } = usePublish('stock:lamp');
  return (
    <>
      <button type="button" disabled={pending} onClick={() => void set({ left: 12 })}>
        Twelve new ones
      </button>
      {error !== undefined && <p role="alert">{error.message}</p>}
    </>
  );
}

export function Cancel({ id }: { readonly id: number }): ReactElement {
  const { publish } = usePublish('orders:hanoi');
  const cancel = async (): Promise<void> => {
    const outcome = await publish('cancelled', { id }, { idempotencyKey: `cancelled-${id}` });
    if (outcome.ok) toast({ title: 'Cancelled', tone: 'good' });
    else toast({ title: 'Not cancelled', text: outcome.error.message, tone: 'bad' });
  };
  return (
    <button type="button" onClick={() => void cancel()}>
      Cancel
    </button>
  );
}

export function Dimmed({ children }: { readonly children: ReactElement }): ReactElement {
  const fresh = isFollowing(useConnectionState());
  return <div style={{ opacity: fresh ? 1 : 0.5 }}>{children}</div>;
}

export function Cell({ left }: { readonly left: number }): ReactElement {
  return (
    <td className="flash number" data-flash={useFlash(left)}>
      {left}
    </td>
  );
}

export function Page({ removed }: { readonly removed: Order }): ReactElement {
  const remove = (): void => {
    toast({ title: 'Removed', action: { label: 'Undo', run: () => restore(removed) } });
  };
  return (
    <>
      <button type="button" onClick={remove}>
        Remove
      </button>
      <Toaster />
    </>
  );
}

export function Bell({ unread }: { readonly unread: number }): ReactElement {
  useTitleCount(unread);
  return <CountBadge count={unread} label="unread notifications" />;
}

const dictionary = createDictionary({
  en: { left: (count: number) => (count === 1 ? '1 left' : `${count} left`) },
  vi: { left: (count: number) => `còn ${count}` },
});

export function Words({ count }: { readonly count: number }): ReactElement {
  return <p>{useWords(dictionary).left(count)}</p>;
}
