/** Examples of docs/reference/react.md, compiled here and never run. */
import { createClient } from '@fanfare/client';
import { ConnectionBadge, createHooks, FanfareProvider } from '@fanfare/react';
import type { ReactElement } from 'react';
import { createRoot } from 'react-dom/client';
import type { Order } from './page.tsx';
import '@fanfare/react/tokens.css';

type Shapes = {
  'stock:{item}': { kind: 'state'; value: { left: number } };
  'orders:{shop}': { kind: 'log'; events: { paid: Order; cancelled: { id: number } } };
  'typing:{room}': { kind: 'signal'; events: { typing: string } };
};

const client = createClient<Shapes>({ url: 'https://live.example.com' });
export const { useChannel, useClient, useConnectionState, useEvent, useLoss, usePublish } = createHooks<Shapes>();

function Stock({ item }: { readonly item: string }): ReactElement {
  const { value } = useChannel(`stock:${item}`);
  return <p>{value === undefined ? '…' : `${value.left} left`}</p>;
}

function Badge(): ReactElement {
  return <ConnectionBadge connection={useConnectionState()} onRetry={() => client.reconnect()} />;
}

createRoot(document.body).render(
  <FanfareProvider client={client}>
    <Badge />
    <Stock item="lamp" />
  </FanfareProvider>,
);
