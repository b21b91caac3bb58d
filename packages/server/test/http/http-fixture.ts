/** A real server on a free port for one test, and raw sockets to it, where `fetch` would be too polite. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { Router } from '../../src/http/index.ts';

export interface ListeningServer extends AsyncDisposable {
  readonly server: Server;
  readonly port: number;
  readonly url: string;
}

export async function listen(
  listener: Router | ((req: IncomingMessage, res: ServerResponse) => void),
): Promise<ListeningServer> {
  const answer =
    listener instanceof Router
      ? (req: IncomingMessage, res: ServerResponse) => {
          if (!listener.handle(req, res)) res.writeHead(404).end('not ours');
        }
      : listener;
  const server = createServer(answer);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    server,
    port,
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

export interface RawConnection {
  readonly socket: Socket;
  /** What came so far. */
  text(): string;
  /** Everything, once the server has closed the connection (or reset it). */
  readonly ended: Promise<string>;
}

/** Sends bytes as they are; the test decides what is HTTP. */
export function rawConnection(port: number, bytes: string | Buffer): RawConnection {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  let received = '';
  socket.on('data', (chunk: Buffer) => {
    received += chunk.toString('latin1');
  });
  socket.on('error', () => {});
  const ended = new Promise<string>((resolve) => {
    const end = (): void => {
      socket.destroy();
      resolve(received);
    };
    socket.on('end', end);
    socket.on('close', end);
  });
  socket.write(bytes);
  return { socket, text: () => received, ended };
}

/** The status lines of a raw answer, in order. */
export function statuses(answer: string): number[] {
  return [...answer.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => Number(match[1]));
}

/** The stable code of an error answer. */
export function errorCode(answer: string): string | undefined {
  return /"code":"([A-Z_]+)"/.exec(answer)?.[1];
}
