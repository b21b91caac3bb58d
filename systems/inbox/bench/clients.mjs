/** What the claim is measured with: a poller as the team had it, a stream without any SDK, the SDK itself, and a relay that counts bytes. */
import { Agent, request } from 'node:http';
import { connect, createServer } from 'node:net';
import { createClient } from '@fanfare/client';

/** @param {{ url: string, user?: number, key?: string, agent?: Agent, method?: string, path: string, body?: unknown, headers?: object }} options */
export function ask({ url, user, key, agent, method = 'GET', path, body, headers = {} }) {
  const json = body === undefined ? undefined : JSON.stringify(body);
  return new Promise((resolve, reject) => {
    const asking = request(url + path, {
      method,
      agent,
      headers: {
        ...(user === undefined ? {} : { authorization: `Bearer ${user}` }),
        ...(key === undefined ? {} : { 'x-api-key': key }),
        ...(json === undefined
          ? {}
          : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) }),
        ...headers,
      },
    });
    asking.on('error', reject);
    asking.on('response', (answer) => {
      const chunks = [];
      answer.on('data', (chunk) => chunks.push(chunk));
      answer.on('error', reject);
      answer.on('end', () => {
        const text = Buffer.concat(chunks).toString();
        const { statusCode: status = 0, headers: got } = answer;
        if (status >= 400) reject(new Error(`${path}: ${status} ${text}`));
        else resolve({ status, etag: got.etag, body: text === '' ? undefined : JSON.parse(text) });
      });
    });
    asking.end(json);
  });
}

/** Every 2 s, over one kept connection; `tagged`: with If-None-Match, as a poller of today. `came(title, at)`: seen for the first time. */
export class Poller {
  requests = 0;
  #isOver = false;
  #agent = new Agent({ keepAlive: true, maxSockets: 1 });

  constructor({ url, user, tagged = false, everyMs = 2000, startAfterMs = 0, came = () => undefined }) {
    void this.#run({ url, user, tagged, everyMs, startAfterMs, came });
  }

  stop() {
    this.#isOver = true;
    this.#agent.destroy();
  }

  async #run({ url, user, tagged, everyMs, startAfterMs, came }) {
    let newest = 0;
    let etag;
    await pause(startAfterMs);
    while (!this.#isOver) {
      const headers = tagged && etag !== undefined ? { 'if-none-match': etag } : {};
      this.requests += 1;
      const answer = await ask({ url, user, agent: this.#agent, path: '/api/notifications/', headers }).catch(
        () => undefined,
      );
      const at = performance.now();
      etag = answer?.etag ?? etag;
      for (const { id, title } of [...(answer?.body?.items ?? [])].reverse()) {
        if (id <= newest) continue;
        newest = id;
        came(title, at);
      }
      await pause(everyMs);
    }
  }
}

/** The contract's stream on a bare socket: what an EventSource does, with no more memory than 1000 of them may cost here. */
export class Stream {
  requests = 1;
  #socket;
  #rest = '';

  /** `came(title, at)`: for every notification, also one that came before. Resolves `ready` when the count is there. */
  constructor({ url, user, came = () => undefined }) {
    const { hostname, port } = new URL(url);
    this.#socket = connect(Number(port), hostname);
    this.#socket.setEncoding('utf8');
    this.#socket.write(
      `GET /api/notifications/stream/ HTTP/1.1\r\nHost: ${hostname}\r\nAccept: text/event-stream\r\nAuthorization: Bearer ${user}\r\n\r\n`,
    );
    this.ready = new Promise((resolve, reject) => {
      this.#socket.on('error', reject);
      this.#socket.on('data', (text) => this.#take(text, came, resolve));
    });
  }

  stop() {
    this.#socket.destroy();
  }

  #take(text, came, ready) {
    const blocks = (this.#rest + text).split('\n\n');
    this.#rest = blocks.pop() ?? '';
    for (const block of blocks) {
      if (block.includes('event: unread')) ready();
      if (!block.includes('event: notification')) continue;
      const json = /^data: (.*)$/m.exec(block)?.[1] ?? '{}';
      came(JSON.parse(json).title, performance.now());
    }
  }
}

/** The SDK over its best wire, which is a WebSocket. */
export class Sdk {
  requests = 1;
  #client;

  constructor({ url, user, came = () => undefined }) {
    this.#client = createClient({ url, token: () => String(user), tabs: false });
    const inbox = this.#client.channel(`inbox:${user}`);
    inbox.on('notification', ({ title }) => came(title, performance.now()));
    this.ready = new Promise((resolve) => {
      inbox.subscribe(() => {
        if (inbox.subscription.status === 'subscribed') resolve();
      });
    });
  }

  stop() {
    this.#client.close();
  }
}

/** Passes everything on to the server, and counts it. TCP and IP headers are not in it: they are the same for all. */
export class CountingRelay {
  up = 0;
  down = 0;
  #server;

  constructor(targetPort) {
    this.#server = createServer({ noDelay: true }, (client) => {
      const target = connect({ port: targetPort, host: '127.0.0.1', noDelay: true });
      client.on('data', (chunk) => {
        this.up += chunk.length;
      });
      target.on('data', (chunk) => {
        this.down += chunk.length;
      });
      client.pipe(target).pipe(client);
      for (const socket of [client, target]) socket.on('error', () => undefined);
      client.on('close', () => target.destroy());
      target.on('close', () => client.destroy());
    });
  }

  get bytes() {
    return this.up + this.down;
  }

  async listen() {
    await new Promise((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  close() {
    this.#server.close();
  }
}

export function pause(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
