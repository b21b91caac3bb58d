/** `npm run test:ws:health`: is a server there, and does its WebSocket answer? `URL=` for another than localhost:3001. */
import { must, Probe, Report, say, serverUrl } from './ws-report.mjs';

const url = serverUrl();
const report = new Report();
say(`\n  WebSocket health of ${url.origin}\n`);

await report.step('GET /health says ok, with clients and rooms', async () => {
  const response = await fetch(new URL('/health', url));
  const body = await response.json();
  must(response.status === 200 && body.status === 'ok', `got ${response.status} ${JSON.stringify(body)}`);
  const { clients, rooms } = body.websocket ?? {};
  must(Number.isInteger(clients) && Number.isInteger(rooms), `no numbers in "websocket": ${JSON.stringify(body)}`);
});
const probe = await report.step('a client connects to /ws', () => Probe.connect(url));
if (probe !== undefined) {
  await report.step('is welcomed with its id', () => probe.expect({ type: 'welcome' }));
  await report.step('gets a pong for {"type":"ping"}', () => probe.ask({ type: 'ping' }, { type: 'pong' }));
  await report.step('gets a pong for a WebSocket ping', async () => {
    const pong = new Promise((resolve) => probe.socket.once('pong', resolve));
    probe.socket.ping();
    await pong;
  });
  await report.step('is let go with 1000', async () => {
    const code = await probe.close();
    must(code === 1000, `the server closed with ${code}`);
  });
}
await Probe.closeAll();
report.end('Health');
