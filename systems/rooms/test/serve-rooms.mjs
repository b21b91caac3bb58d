/** What the rooms in a process of their own share: their port, and that no fault of ours goes unseen. */
import { createServer } from 'node:http';

/** A line that the test looks for. */
export const onError = (error) => process.stderr.write(`FAULT ${error?.stack ?? error}\n`);

/** Serves the rooms on PORT; what nobody catches ends the process. */
export function serveRooms(rooms, live) {
  process.on('unhandledRejection', (reason) => {
    onError(reason);
    process.exit(7);
  });
  const routes = rooms.mount(live);
  const server = createServer((req, res) => {
    if (!routes.handle(req, res)) live.handler(req, res);
  });
  server.on('upgrade', (req, socket, head) => {
    if (!rooms.upgrade(req, socket, head) && !live.upgrade(req, socket, head)) socket.destroy();
  });
  server.listen({ port: Number(process.env.PORT), host: '127.0.0.1', backlog: 4096 });
}
