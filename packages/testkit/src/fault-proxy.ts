/** A TCP proxy that misbehaves on demand, for all connections or for those of one kind. Loopback only. */
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { type Fault, PASS, WIRE_KINDS, type WireKind } from './fault-proxy/faults.ts';
import { ProxiedConnection } from './fault-proxy/proxied-connection.ts';

export interface FaultProxyOptions {
  readonly targetPort: number;
  /** @default any free port */
  readonly port?: number;
}

export class FaultProxy {
  /** Where new connections go; may change while running. */
  targetPort: number;
  /** Connections ever accepted. */
  accepted = 0;
  readonly #server: Server;
  readonly #connections = new Set<ProxiedConnection>();
  readonly #faults = new Map<WireKind, Fault>();
  #refusing = false;
  #cutAfterBytes: number | undefined;

  constructor(server: Server, targetPort: number) {
    this.#server = server;
    this.targetPort = targetPort;
    server.on('connection', (client) => this.#accept(client));
  }

  get port(): number {
    const address = this.#server.address();
    return address !== null && typeof address === 'object' ? address.port : 0;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Open connections. */
  get open(): number {
    return this.#connections.size;
  }

  /** Open connections of these kinds. */
  openOf(...kinds: readonly WireKind[]): number {
    return this.#of(kinds).length;
  }

  /** From now on the kinds suffer this, and nothing that they suffered before. @default all kinds */
  inflict(fault: Fault, on: readonly WireKind[] = WIRE_KINDS): void {
    for (const kind of on) this.#faults.set(kind, fault);
    for (const connection of this.#connections) connection.suffer();
  }

  /** @default all kinds */
  heal(on: readonly WireKind[] = WIRE_KINDS): void {
    this.inflict(PASS, on);
  }

  /** Resets open connections, once, on both sides; returns how many. @default of all kinds, and those without a request yet */
  cutAll(on?: readonly WireKind[]): number {
    const cut = this.#of(on);
    for (const connection of cut) connection.reset();
    return cut.length;
  }

  /** Ends open connections with a FIN, once, on both sides; returns how many. */
  endAll(on?: readonly WireKind[]): number {
    const ended = this.#of(on);
    for (const connection of ended) connection.end();
    return ended.length;
  }

  /** Resets each further connection once so many bytes came from the server; undefined: no more. */
  cutAfter(bytes: number | undefined): void {
    this.#cutAfterBytes = bytes;
  }

  /** Accepts and resets at once, as a dead backend behind a proxy would. */
  refuse(refusing: boolean): void {
    this.#refusing = refusing;
  }

  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.cutAll();
    await closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #of(kinds: readonly WireKind[] | undefined): readonly ProxiedConnection[] {
    const all = [...this.#connections];
    return kinds === undefined ? all : all.filter(({ kind }) => kind !== undefined && kinds.includes(kind));
  }

  #accept(client: Socket): void {
    this.accepted += 1;
    if (this.#refusing) {
      client.resetAndDestroy();
      return;
    }
    const target = connect({ port: this.targetPort, host: '127.0.0.1', noDelay: true });
    const connection: ProxiedConnection = new ProxiedConnection(client, target, {
      faultOf: (kind) => this.#faults.get(kind) ?? PASS,
      cutAfterBytes: () => this.#cutAfterBytes,
      closed: () => this.#connections.delete(connection),
    });
    this.#connections.add(connection);
  }
}

export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const server = createServer({ noDelay: true });
  const proxy = new FaultProxy(server, options.targetPort);
  server.listen(options.port ?? 0, '127.0.0.1');
  await once(server, 'listening');
  return proxy;
}
