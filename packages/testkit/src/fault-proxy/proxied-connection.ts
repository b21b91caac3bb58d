/** One client connection, its twin to the server, and the fault that its kind suffers. */
import type { Socket } from 'node:net';
import { type Fault, PASS, stopsToClient, stopsToServer, type WireKind } from './faults.ts';
import { Lane } from './lane.ts';
import { RequestWatch } from './request-watch.ts';

export interface ConnectionRules {
  /** What the kind suffers at this moment. */
  faultOf(kind: WireKind): Fault;
  /** RST once so many bytes came from the server; undefined: never. */
  cutAfterBytes(): number | undefined;
  closed(): void;
}

const HEAD_END = Buffer.from('\r\n\r\n');
const REFUSALS = {
  close: '',
  403: 'HTTP/1.1 403 Forbidden\r\nContent-Type: text/html\r\nContent-Length: 15\r\nConnection: close\r\n\r\n<p>Blocked.</p>',
  502: 'HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\nConnection: close\r\n\r\n',
} as const;

export class ProxiedConnection {
  readonly #client: Socket;
  readonly #target: Socket;
  readonly #rules: ConnectionRules;
  readonly #watch = new RequestWatch();
  readonly #toServer: Lane;
  readonly #toClient: Lane;
  #kind: WireKind | undefined;
  #fault: Fault = PASS;
  #fromServer = 0;
  /** The answer's head so far; undefined once it has passed. */
  #head: Buffer | undefined;
  #held: Buffer[] = [];
  #cutTimer: NodeJS.Timeout | undefined;

  constructor(client: Socket, target: Socket, rules: ConnectionRules) {
    this.#client = client;
    this.#target = target;
    this.#rules = rules;
    this.#toServer = new Lane(client, target);
    this.#toClient = new Lane(target, client);
    client.on('data', (chunk: Buffer) => this.#fromClient(chunk));
    target.on('data', (chunk: Buffer) => this.#answer(chunk));
    client.on('end', () => this.#toServer.end(this.#delayMs));
    target.on('end', () => {
      this.#release();
      this.#toClient.end(this.#delayMs);
    });
    client.on('error', () => target.destroy());
    target.on('error', () => client.destroy());
    client.on('close', () => this.#closed(this.#toServer));
    target.on('close', () => this.#closed(this.#toClient));
  }

  /** Of its latest request; undefined before the first. */
  get kind(): WireKind | undefined {
    return this.#kind;
  }

  reset(): void {
    this.#client.resetAndDestroy();
    this.#target.resetAndDestroy();
  }

  /** FIN to both sides; whoever does not answer it is let go of all the same. */
  end(): void {
    this.#client.end();
    this.#target.end();
  }

  /** The kind's fault changed. */
  suffer(): void {
    if (this.#kind === undefined) return;
    const fault = this.#rules.faultOf(this.#kind);
    if (fault === this.#fault) return;
    this.#fault = fault;
    clearTimeout(this.#cutTimer);
    this.#toServer.stop(stopsToServer(fault));
    this.#toClient.stop(stopsToClient(fault));
    if (fault.kind !== 'buffer') this.#release();
    if (fault.kind === 'reset') this.reset();
    if (fault.kind === 'end') this.end();
    if (fault.kind === 'cut-after') this.#cutTimer = setTimeout(() => this.reset(), fault.ms);
  }

  #closed(rest: Lane): void {
    clearTimeout(this.#cutTimer);
    rest.close(this.#delayMs);
    this.#rules.closed();
  }

  get #delayMs(): number {
    return this.#fault.kind === 'latency' ? this.#fault.ms : 0;
  }

  #fromClient(chunk: Buffer): void {
    for (const { wire, bytes } of this.#watch.feed(chunk)) {
      if (wire !== undefined) {
        this.#kind = wire;
        this.#head = Buffer.alloc(0);
        this.#fault = PASS;
        this.suffer();
        if (this.#fault.kind === 'refuse') {
          this.#refuse(this.#fault.answer);
          return;
        }
      }
      if (!this.#target.destroyed) this.#toServer.send(bytes, this.#delayMs);
    }
  }

  #refuse(answer: keyof typeof REFUSALS): void {
    this.#client.end(REFUSALS[answer]);
    this.#target.destroy();
  }

  #answer(chunk: Buffer): void {
    const limit = this.#rules.cutAfterBytes();
    const room = limit === undefined ? chunk.length : Math.max(0, limit - this.#fromServer);
    this.#fromServer += chunk.length;
    if (room < chunk.length) {
      // The bytes up to k must reach the client before the reset does.
      this.#client.write(chunk.subarray(0, room), () => setImmediate(() => this.reset()));
      return;
    }
    const body = this.#passHead(chunk);
    if (this.#fault.kind === 'buffer') {
      this.#held.push(body);
      const held = this.#held.reduce((sum, { length }) => sum + length, 0);
      if (held > this.#fault.bytes) this.#release();
    } else if (body.length > 0) this.#toClient.send(body, this.#delayMs);
  }

  /** Passes what belongs to the answer's head, and returns the rest. */
  #passHead(chunk: Buffer): Buffer {
    if (this.#head === undefined) return chunk;
    const passed = this.#head.length;
    this.#head = Buffer.concat([this.#head, chunk]);
    const end = this.#head.indexOf(HEAD_END);
    const ofHead = end === -1 ? chunk.length : end + HEAD_END.length - passed;
    if (end !== -1) this.#head = undefined;
    this.#toClient.send(chunk.subarray(0, ofHead), this.#delayMs);
    return chunk.subarray(ofHead);
  }

  #release(): void {
    for (const bytes of this.#held.splice(0)) this.#toClient.send(bytes, this.#delayMs);
  }
}
