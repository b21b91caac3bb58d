/**
 * The clients of a warm-up, as a thread: they do what real ones do after a restart. They connect, wait until they stand, get an event and
 * leave; some come back with a position; a publisher and a load balancer are there, too. Whatever else they are answered is nothing to them.
 */
import { once } from 'node:events';
import { parentPort } from 'node:worker_threads';
import type { TransportName } from '@fanfare/protocol';
import { Visitor } from './visitor.ts';

export interface Visit {
  readonly host: string;
  /** Of one hub each. */
  readonly ports: readonly number[];
  readonly channel: string;
  readonly apiKey: string;
  readonly transports: readonly TransportName[];
}

/** Polls are requests like a publisher's. */
const WIRES = ['ws', 'sse'] as const;
type Wire = (typeof WIRES)[number];
type Arrival = (visitor: Visitor) => Promise<unknown>;

/** How many come at a time, of every kind and to every hub. Fewer leave much uncompiled, more take longer than they save. */
const CROWDS = [30, 60, 60, 60];
/** What somebody missed who comes back. */
const MISSED = 20;
/** Events for a lone reader, one behind the other: the first that a server delivers took milliseconds now and then. */
const LONE = 300;

const STANDS = '"subscribed"';
const EVENT = '"warm-up"';
const ANSWER = '}';
const KEY = 'd2FybS11cCB3YXJtLXVwIQ==';

class Visited {
  readonly #visit: Visit;
  readonly #port: number;
  readonly #publisher: Visitor;
  #position = '';

  constructor(visit: Visit, port: number) {
    this.#visit = visit;
    this.#port = port;
    this.#publisher = this.#visitor();
  }

  /** Over each wire a crowd of those who come, and one of those who come back. */
  async crowds(size: number): Promise<void> {
    for (const wire of this.#wires) {
      await this.#crowd(size, (visitor) => this.#come(visitor, wire));
      if (this.#position === '') await this.#miss(wire);
      await this.#crowd(size, (visitor) => this.#comeBack(visitor, wire));
    }
  }

  /** Somebody who listens alone, where there is a wire to listen on. */
  async alone(): Promise<void> {
    const wire = this.#wires.at(-1);
    if (wire === undefined) return;
    const reader = this.#visitor();
    await this.#come(reader, wire);
    for (let told = 0; told < LONE; told += 1) await Promise.all([reader.hears(EVENT), this.#publish()]);
    await reader.leave();
  }

  async leave(): Promise<void> {
    await this.#publisher.leave();
  }

  async #crowd(size: number, arrive: Arrival): Promise<void> {
    const crowd = Array.from({ length: size }, () => this.#visitor());
    await Promise.all(crowd.map(arrive));
    const told = crowd.map((visitor) => visitor.hears(EVENT));
    await this.#publish();
    await Promise.all(told);
    const balancer = this.#visitor();
    await balancer.ask(`GET /readyz HTTP/1.1\r\n${this.#head}\r\n`, ANSWER);
    await Promise.all([...crowd, balancer].map((visitor) => visitor.leave()));
  }

  /** Remembers where somebody stood before what was published then. */
  async #miss(wire: Wire): Promise<void> {
    const first = this.#visitor();
    const heard = await this.#come(first, wire);
    this.#position = /"position":"([^"]+)"/.exec(heard)?.[1] ?? '';
    for (let missed = 0; missed < MISSED; missed += 1) await this.#publish();
    await first.leave();
  }

  async #publish(): Promise<void> {
    const { apiKey, channel } = this.#visit;
    const body = JSON.stringify({ channel, event: 'warm-up', data: { text: 'x'.repeat(100) } });
    const headers = `Content-Type: application/json\r\nX-API-Key: ${apiKey}\r\nContent-Length: ${body.length}\r\n`;
    await this.#publisher.ask(`POST /live/api/publish HTTP/1.1\r\n${this.#head}${headers}\r\n${body}`, ANSWER);
  }

  #come(visitor: Visitor, wire: Wire): Promise<string> {
    return wire === 'sse' ? visitor.ask(this.#get(), STANDS) : this.#upgrade(visitor, STANDS);
  }

  #comeBack(visitor: Visitor, wire: Wire): Promise<string> {
    if (wire === 'sse') return visitor.ask(this.#get(`Last-Event-ID: ${this.#position}\r\n`), EVENT);
    return this.#upgrade(visitor, EVENT, this.#position);
  }

  async #upgrade(visitor: Visitor, awaited: string, position?: string): Promise<string> {
    const headers = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${KEY}\r\n`;
    await visitor.ask(`GET /live/ws HTTP/1.1\r\n${this.#head}${headers}\r\n`, ' 101 ');
    return visitor.ask(masked(JSON.stringify({ type: 'subscribe', channel: this.#visit.channel, position })), awaited);
  }

  #get(headers = ''): string {
    return `GET /live/sse?channel=${this.#visit.channel} HTTP/1.1\r\n${this.#head}${headers}\r\n`;
  }

  get #wires(): readonly Wire[] {
    return WIRES.filter((wire) => this.#visit.transports.includes(wire));
  }

  get #head(): string {
    return `Host: ${this.#visit.host}\r\n`;
  }

  #visitor(): Visitor {
    return new Visitor(this.#port, this.#visit.host);
  }
}

/** A text frame as a client sends it, of less than 64 KiB. */
function masked(text: string): Buffer {
  const payload = Buffer.from(text);
  const mask = [1, 2, 3, 4];
  for (const [at, byte] of payload.entries()) payload[at] = byte ^ (mask[at % 4] ?? 0);
  const { length } = payload;
  const size = length < 126 ? [0x80 | length] : [0xfe, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([0x81, ...size, ...mask]), payload]);
}

async function visitAll(visit: Visit): Promise<void> {
  const hubs = visit.ports.map((port) => new Visited(visit, port));
  for (const size of CROWDS) {
    for (const hub of hubs) await hub.crowds(size);
  }
  for (const hub of hubs) await hub.alone();
  for (const hub of hubs) await hub.leave();
}

if (parentPort !== null) {
  const [visit] = await once(parentPort, 'message');
  await visitAll(visit);
}
