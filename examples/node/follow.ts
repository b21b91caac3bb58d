// Follows a channel from Node, typed, through every interruption. Stop it with Ctrl-C.
import { createClient } from '@fanfare/client';

// In one repository with the server: createClient<ShapesOf<typeof channels>>.
type Shapes = { 'public:{name}': { kind: 'log'; events: { paid: { order: number } } } };

const client = createClient<Shapes>({ url: process.env['FANFARE_URL'] ?? 'http://localhost:3001' });
client.onConnection(({ status, reason }) => console.error(status, reason?.message ?? ''));
process.once('SIGINT', () => client.close());

const orders = client.channel('public:orders');
orders.onLost(({ cause }) => console.error(`orders are missing (${cause}): read them from the database`));
for await (const { event, data } of orders) {
  if (event === 'paid') console.log(`order ${data.order} is paid`);
}
