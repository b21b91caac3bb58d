import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type FaultProxy, startFaultProxy } from '../src/fault-proxy.ts';

const DEADLINE = { timeout: 10_000, interval: 5 };

/** Node ends the writing side before it resets: who reads in between sees that first. */
const RESET = /^(ECONNRESET|FIN)$/;

/** Answers short requests; streams `tick` every 10 ms below /live/sse; takes every upgrade, and echoes. */
class Target {
  readonly paths: string[] = [];
  readonly open = new Set<ServerResponse>();
  readonly server = createServer((req, res) => this.#answer(req, res));

  constructor() {
    this.server.on('upgrade', (_req, socket: Socket) => {
      socket.on('error', () => undefined);
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
      socket.pipe(socket);
    });
  }

  #answer(req: IncomingMessage, res: ServerResponse): void {
    this.paths.push(req.url ?? '');
    if (req.url?.startsWith('/live/sse') !== true) {
      res.end('short');
      return;
    }
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    this.open.add(res);
    const ticking = setInterval(() => res.write('tick\n'), 10);
    res.on('close', () => {
      clearInterval(ticking);
      this.open.delete(res);
    });
  }
}

class Peer {
  received = '';
  ended = '';
  readonly socket: Socket;

  constructor(port: number, request: string) {
    this.socket = connect({ port, host: '127.0.0.1' });
    this.socket.on('data', (chunk) => {
      this.received += chunk.toString();
    });
    this.socket.on('end', () => {
      this.ended ||= 'FIN';
    });
    this.socket.on('error', (error: NodeJS.ErrnoException) => {
      this.ended = error.code ?? '';
    });
    this.socket.write(request);
  }

  ticks(): number {
    return this.received.split('tick').length - 1;
  }
}

const SSE = 'GET /live/sse?channel=a HTTP/1.1\r\nHost: x\r\n\r\n';
const SHORT = 'GET /page HTTP/1.1\r\nHost: x\r\n\r\n';
const WS = 'GET /live/ws HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';

async function stage(): Promise<{ target: Target; proxy: FaultProxy; [Symbol.asyncDispose](): Promise<void> }> {
  const target = new Target();
  target.server.listen(0, '127.0.0.1');
  await once(target.server, 'listening');
  const address = target.server.address();
  const proxy = await startFaultProxy({ targetPort: typeof address === 'object' ? (address?.port ?? 0) : 0 });
  const close = async (): Promise<void> => {
    await proxy.close();
    target.server.closeAllConnections();
    target.server.close();
  };
  return { target, proxy, [Symbol.asyncDispose]: close };
}

describe('the fault proxy', () => {
  it.each([
    ['reset', RESET],
    ['end', /^FIN$/],
  ] as const)('%s: ends what is open and what comes, of the one kind', async (kind, ended) => {
    await using on = await stage();
    const stream = new Peer(on.proxy.port, SSE);
    await expect.poll(() => stream.ticks(), DEADLINE).toBeGreaterThan(1);

    on.proxy.inflict({ kind }, ['sse']);
    await expect.poll(() => stream.ended, DEADLINE).toMatch(ended);
    const next = new Peer(on.proxy.port, SSE);
    await expect.poll(() => next.ended, DEADLINE).toMatch(ended);
    const short = new Peer(on.proxy.port, SHORT);
    await expect.poll(() => short.received, DEADLINE).toContain('short');
    await expect.poll(() => on.target.open.size, DEADLINE).toBe(0);
  });

  it('tells kinds apart on a connection that is used again', async () => {
    await using on = await stage();
    const peer = new Peer(on.proxy.port, SHORT);
    await expect.poll(() => peer.received, DEADLINE).toContain('short');

    on.proxy.inflict({ kind: 'reset' }, ['sse']);
    peer.socket.write('POST /live/api/publish HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nGET ');
    peer.socket.write(SHORT);
    await expect.poll(() => on.target.paths, DEADLINE).toEqual(['/page', '/live/api/publish', '/page']);
    peer.socket.write(SSE);

    await expect.poll(() => peer.ended, DEADLINE).toMatch(RESET);
  });

  it('is a black hole to both sides, and goes on where it stopped', async () => {
    await using on = await stage();
    const stream = new Peer(on.proxy.port, SSE);
    await expect.poll(() => stream.ticks(), DEADLINE).toBeGreaterThan(1);

    on.proxy.inflict({ kind: 'black-hole', direction: 'both' });
    const late = new Peer(on.proxy.port, SHORT);
    const before = stream.received.length;
    const direct = new Peer(on.proxy.targetPort, SSE);
    await expect.poll(() => direct.ticks(), DEADLINE).toBeGreaterThan(20);
    expect(stream.received.length).toBe(before);
    expect(late.received + late.ended).toBe('');
    expect(on.target.paths).not.toContain('/page');

    on.proxy.heal();
    await expect.poll(() => stream.received.length, DEADLINE).toBeGreaterThan(before);
    await expect.poll(() => late.received, DEADLINE).toContain('short');
  });

  it('swallows one way only, where that is asked', async () => {
    await using on = await stage();

    on.proxy.inflict({ kind: 'black-hole', direction: 'to-client' }, ['other']);
    const peer = new Peer(on.proxy.port, SHORT);
    await expect.poll(() => on.target.paths, DEADLINE).toEqual(['/page']);
    expect(peer.received).toBe('');
    on.proxy.heal();

    await expect.poll(() => peer.received, DEADLINE).toContain('short');
  });

  it.each([
    [502, 'HTTP/1.1 502'],
    ['close', ''],
  ] as const)('refuses upgrades with %s, and leaves the rest alone', async (answer, received) => {
    await using on = await stage();
    const open = new Peer(on.proxy.port, WS);
    await expect.poll(() => open.received, DEADLINE).toContain('101');

    on.proxy.inflict({ kind: 'refuse', answer }, ['ws']);
    const refused = new Peer(on.proxy.port, WS);
    await expect.poll(() => refused.ended, DEADLINE).toBe('FIN');
    expect(refused.received.split('\r\n')[0]).toMatch(received);
    open.socket.write('echo');

    await expect.poll(() => open.received, DEADLINE).toContain('echo');
  });

  it('buffers: the head passes, the body waits for enough of it or for better times', async () => {
    await using on = await stage();

    on.proxy.inflict({ kind: 'buffer', bytes: 200 }, ['sse']);
    const stream = new Peer(on.proxy.port, SSE);
    await expect.poll(() => stream.received, DEADLINE).toMatch(/\r\n\r\n$/);
    await expect.poll(() => stream.ticks(), DEADLINE).toBeGreaterThan(15);
    const { received } = stream;
    on.proxy.heal();

    await expect.poll(() => stream.received.length, DEADLINE).toBeGreaterThan(received.length + 100);
  });

  it('cuts what lasts too long, and delays the rest in order', async () => {
    await using on = await stage();

    on.proxy.inflict({ kind: 'cut-after', ms: 100 }, ['sse']);
    on.proxy.inflict({ kind: 'latency', ms: 50 }, ['other', 'ws']);
    const asked = performance.now();
    const short = new Peer(on.proxy.port, SHORT);
    const stream = new Peer(on.proxy.port, SSE);
    const echo = new Peer(on.proxy.port, WS);
    await expect.poll(() => echo.received, DEADLINE).toContain('101');
    for (let n = 0; n < 20; n += 1) echo.socket.write(`${n},`);

    await expect.poll(() => short.received, DEADLINE).toContain('short');
    expect(performance.now() - asked).toBeGreaterThan(99);
    await expect.poll(() => stream.ended, DEADLINE).toMatch(RESET);
    await expect.poll(() => echo.received, DEADLINE).toContain(Array.from({ length: 20 }, (_, n) => `${n},`).join(''));
  });
});
