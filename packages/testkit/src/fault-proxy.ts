/** A TCP proxy that misbehaves on demand: cuts, pauses, half-open peers, an RST after byte k. Loopback only. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export interface FaultProxyOptions {
  readonly targetPort: number;
  /** @default any free port */
  readonly port?: number;
}

/** One client connection and its twin to the server. */
interface Pair {
  readonly client: Socket;
  readonly target: Socket;
  fromServer: number;
}

export class FaultProxy {
  readonly port: number;
  targetPort: number;
  /** Connections ever accepted. */
  accepted = 0;
  readonly #server: Server;
  readonly #pairs: Set<Pair>;
  readonly #faults: { refusing: boolean; cutAfterBytes: number | undefined };

  constructor(parts: {
    readonly server: Server;
    readonly pairs: Set<Pair>;
    readonly faults: { refusing: boolean; cutAfterBytes: number | undefined };
    readonly port: number;
    readonly targetPort: number;
  }) {
    this.#server = parts.server;
    this.#pairs = parts.pairs;
    this.#faults = parts.faults;
    this.port = parts.port;
    this.targetPort = parts.targetPort;
  }

  /** Open connections. */
  get open(): number {
    return this.#pairs.size;
  }

  /** Resets every open connection, on both sides; returns how many. */
  cutAll(): number {
    const cut = this.#pairs.size;
    for (const pair of this.#pairs) reset(pair);
    return cut;
  }

  /** Resets each further connection once so many bytes came from the server; undefined: no more. */
  cutAfter(bytes: number | undefined): void {
    this.#faults.cutAfterBytes = bytes;
  }

  /** Accepts and resets at once, as a dead backend behind a proxy would. */
  refuse(refusing: boolean): void {
    this.#faults.refusing = refusing;
  }

  /** Stops carrying bytes to clients without closing anything: a half-open network. */
  freeze(): void {
    for (const pair of this.#pairs) pair.target.pause();
  }

  thaw(): void {
    for (const pair of this.#pairs) pair.target.resume();
  }

  get cutAfterBytes(): number | undefined {
    return this.#faults.cutAfterBytes;
  }

  async close(): Promise<void> {
    this.cutAll();
    const closed = once(this.#server, 'close');
    this.#server.close();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const pairs = new Set<Pair>();
  const faults: { refusing: boolean; cutAfterBytes: number | undefined } = {
    refusing: false,
    cutAfterBytes: undefined,
  };
  const server = createServer({ noDelay: true });
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = address !== null && typeof address === 'object' ? address.port : 0;
  const proxy = new FaultProxy({ server, pairs, faults, port, targetPort: options.targetPort });
  server.on('connection', (client) => {
    proxy.accepted += 1;
    if (faults.refusing) client.resetAndDestroy();
    else join(client, { proxy, pairs });
  });
  return proxy;
}

function join(client: Socket, parts: { readonly proxy: FaultProxy; readonly pairs: Set<Pair> }): void {
  const target = connect({ port: parts.proxy.targetPort, host: '127.0.0.1', noDelay: true });
  const pair: Pair = { client, target, fromServer: 0 };
  parts.pairs.add(pair);
  client.on('data', (chunk) => target.write(chunk));
  target.on('data', (chunk) => carry(pair, chunk, parts.proxy.cutAfterBytes));
  for (const [socket, other] of [
    [client, target],
    [target, client],
  ] as const) {
    socket.on('error', () => other.destroy());
    socket.on('end', () => other.end());
    socket.on('close', () => {
      other.destroy();
      parts.pairs.delete(pair);
    });
  }
}

function carry(pair: Pair, chunk: Buffer, cutAfterBytes: number | undefined): void {
  const room = cutAfterBytes === undefined ? chunk.length : Math.max(0, cutAfterBytes - pair.fromServer);
  pair.fromServer += chunk.length;
  if (room >= chunk.length) {
    pair.client.write(chunk);
    return;
  }
  // The bytes up to k must reach the client before the reset does.
  pair.client.write(chunk.subarray(0, room), () => setImmediate(() => reset(pair)));
}

function reset(pair: Pair): void {
  pair.client.resetAndDestroy();
  pair.target.resetAndDestroy();
}
