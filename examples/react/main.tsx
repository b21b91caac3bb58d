// Orders as they are paid, and what is left in stock, in React.
import { createClient } from '@fanfare/client';
import { createHooks, FanfareProvider } from '@fanfare/react';
import { type ReactElement, useState } from 'react';
import { createRoot } from 'react-dom/client';

// In one repository with the server: ShapesOf<typeof channels>.
type Shapes = {
  'public:{name}': { kind: 'log'; events: { paid: { order: number } } };
  'public-state:{name}': { kind: 'state'; value: { left: number } };
};
const client = createClient<Shapes>();
const { useChannel, useConnectionState, useEvent, useLoss } = createHooks<Shapes>();

function Shop(): ReactElement {
  const { status } = useConnectionState();
  const { value: stock } = useChannel('public-state:lamp');
  const [orders, setOrders] = useState<readonly number[]>([]);
  useEvent('public:orders', 'paid', ({ order }) => setOrders((known) => [...known, order]));
  useLoss('public:orders', () => location.reload()); // Some are missing for good.
  return (
    <main>
      <p id="state">{status}</p>
      <p id="stock">{stock?.left ?? '…'}</p>
      <ul id="orders">
        {orders.map((order) => (
          <li key={order}>{order}</li>
        ))}
      </ul>
    </main>
  );
}

createRoot(document.getElementById('root') ?? document.body).render(
  <FanfareProvider client={client}>
    <Shop />
  </FanfareProvider>,
);
