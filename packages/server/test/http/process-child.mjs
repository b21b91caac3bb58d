// A server that owns its process, with a route that hangs and one that throws where nobody catches.
import { createFanfare, memory } from 'fanfare';
import { createLogger, Router, startServer } from 'fanfare/http';

const routes = new Router()
  .get('/hang', () => logger.info('hanging'))
  .get('/pid', (exchange) => exchange.send(200, process.pid))
  .get('/log', (exchange) => {
    for (let n = 0; n < Number(exchange.query.get('lines')); n += 1) logger.info({ n }, 'a line of the log');
    exchange.send(200, {});
  })
  .get('/throw', () => {
    setImmediate(() => {
      throw new Error('nobody catches this');
    });
  })
  .get('/reject', () => {
    void Promise.reject(new Error('nobody catches this'));
  });
const config = { port: Number(process.env.PORT), host: '127.0.0.1', trustProxy: 0, logRequests: false };
const logger = await createLogger({ level: 'info' });
const live = createFanfare({ engine: memory(), channels: {} });
await startServer({ config, live, logger, routes: [routes], exitOnSignals: true });
