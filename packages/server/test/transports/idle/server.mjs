/** A server that says what its connections weigh. Runs as a process of its own, so that nothing but the server is weighed. */
import { createServer, IncomingMessage, ServerResponse } from 'node:http';
import { argv } from 'node:process';
import { queryObjects, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createFanfare, log, memory } from 'fanfare';
import { createLogger, startServer } from 'fanfare/http';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc');
const live = createFanfare({ engine: memory(), channels: { 'a:{id}': log({ access: 'public' }) } });
if (argv[2] === 'ours') {
  const config = { port: 0, host: '127.0.0.1', trustProxy: 0, logRequests: false };
  const { port } = await startServer({ config, live, logger: await createLogger({ level: 'silent' }) });
  process.send(port);
} else {
  const server = createServer();
  live.attach(server);
  server.listen(0, '127.0.0.1', () => process.send(server.address().port));
}

process.on('message', async () => {
  for (let round = 0; round < 4; round += 1) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
  process.send({
    subscriptions: live.stats().subscriptions,
    heapBytes: process.memoryUsage().heapUsed,
    requests: queryObjects(IncomingMessage, { format: 'count' }),
    responses: queryObjects(ServerResponse, { format: 'count' }),
    timers: process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length,
  });
});
