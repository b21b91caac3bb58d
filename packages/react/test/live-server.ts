/** A real Fanfare on a real socket, behind a proxy that can cut; it counts what it saw, and a client follows it. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type Client, createClient } from '@fanfare/client';
import { type FaultProxy, startFaultProxy } from '@fanfare/testkit';
import { createFanfare, type Fanfare, log, memory, type ShapesOf, signal, state, type } from 'fanfare';
import { z } from 'zod';

const channels = {
  'court:{pin}': state({ schema: type<{ points: number }>(), access: 'public' }),
  'chat:{room}': log({ events: { said: type<string>(), left: type<{ who: string }>() }, access: 'public' }),
  /** Anybody may set a lamp. */
  'lamp:{id}': state({
    schema: z.object({ watts: z.number().min(0) }),
    access: { subscribe: 'public', publish: 'public' },
  }),
  'typing:{room}': signal({ events: { typing: type<string>() }, access: 'public' }),
};

export type Shapes = ShapesOf<typeof channels>;

export class LiveServer {
  readonly client: Client<Shapes>;
  readonly live: Fanfare<typeof channels>;
  /** Connections that the server accepted, over its whole life. */
  connections = 0;
  /** Channels that the server subscribed somebody to, in order. */
  readonly subscribed: string[] = [];
  readonly #http: Server;
  readonly #proxy: FaultProxy;

  private constructor(live: Fanfare<typeof channels>, http: Server, proxy: FaultProxy) {
    this.live = live;
    this.#http = http;
    this.#proxy = proxy;
    live.observe((event) => {
      if (event.kind === 'connection-opened') this.connections += 1;
      if (event.kind === 'subscribed') this.subscribed.push(event.channel);
    });
    this.client = createClient<Shapes>({ url: this.url, onError: () => undefined });
  }

  static async start(): Promise<LiveServer> {
    // What a test's document calls its origin; there is none in bare Node.
    const allowedOrigins = typeof location === 'undefined' ? [] : [location.origin];
    const live = createFanfare({ engine: memory(), channels, allowedOrigins });
    const http = createServer();
    live.attach(http);
    http.listen(0, '127.0.0.1');
    await once(http, 'listening');
    const address = http.address();
    const targetPort = typeof address === 'object' && address !== null ? address.port : 0;
    return new LiveServer(live, http, await startFaultProxy({ targetPort }));
  }

  get url(): string {
    return `http://127.0.0.1:${this.#proxy.port}`;
  }

  /** The value of a court, from now on. */
  async set(pin: string, points: number): Promise<void> {
    await this.live.channel(`court:${pin}`).set({ points });
  }

  async say(text: string): Promise<void> {
    await this.live.channel('chat:lobby').publish('said', text);
  }

  /** Breaks every wire. */
  cut(): void {
    this.#proxy.cutAll();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.client.close();
    await this.#proxy.close();
    this.#http.close();
    this.#http.closeAllConnections();
    await this.live.close();
  }
}
