/** Connection state recovery: a client that was away gets everything it missed, once and in order, wherever it comes back to. */
import { fileURLToPath } from 'node:url';
import { startServerProcess } from '@fanfare/testkit';
import { describe, expect, it, vi } from 'vitest';
import { Client, range, startIo, startTwo, TIMEOUT, withJoin } from './io-support.ts';

/** Keeps a client from coming back until it is told. */
function stayAway(client: Client): () => void {
  client.socket.io.reconnection(false);
  client.cut();
  return () => {
    client.socket.io.reconnection(true);
    client.socket.connect();
  };
}

describe('a client that was away', () => {
  it('gets what it missed, of the log and of its rooms, and is who it was', async () => {
    await using server = await startIo();
    withJoin(server);
    const client = await server.connect().connected();
    const { id } = client.socket;
    await client.socket.emitWithAck('join', 'own');
    await client.socket.emitWithAck('join', 'room:a');
    server.io.emit('all', 0);
    server.io.to('own').emit('own', 0);
    await server.live.channel('room:a').publish('said', 0);
    await Promise.all(['all', 'own', 'said'].map((name) => client.got(name, 1)));

    const comeBack = stayAway(client);
    await vi.waitFor(() => expect(server.io.sockets.sockets.size).toBe(0), TIMEOUT);
    for (const n of range(1, 20)) {
      server.io.emit('all', n);
      server.io.to('own').emit('own', n);
      server.io.to('elsewhere').emit('own', -n);
      await server.live.channel('room:a').publish('said', n);
    }
    comeBack();
    await client.connected();
    server.io.emit('all', 20);
    await server.live.channel('room:a').publish('said', 20);

    expect(await client.got('all', 21)).toEqual(range(0, 21));
    expect(await client.got('own', 20)).toEqual(range(0, 20));
    expect(await client.got('said', 21)).toEqual(range(0, 21));
    expect(client.socket.recovered).toBe(true);
    expect(client.socket.id).toBe(id);
    expect([...(server.io.sockets.sockets.get(id ?? '')?.rooms ?? [])].sort()).toEqual([id, 'own', 'room:a'].sort());
    expect(server.errors).toEqual([]);
  });

  it('misses nothing while it comes back in the middle of a burst, a hundred times over', async () => {
    await using server = await startIo();
    withJoin(server);
    const client = await server.connect().connected();
    await client.socket.emitWithAck('join', 'room:a');
    let sent = 0;
    let going = true;
    const burst = (async () => {
      while (going) {
        server.io.emit('all', sent);
        await server.live.channel('room:a').publish('said', sent);
        sent += 1;
        // As fast as leaves less than the room keeps while a client is away.
        if (sent % 3 === 0) await new Promise((resolve) => setTimeout(resolve, 1));
      }
    })();
    await Promise.all([client.got('all', 1), client.got('said', 1)]);

    let returns = 0;
    client.socket.on('connect', () => {
      if (client.socket.recovered) returns += 1;
    });
    for (let cut = 0; cut < 100; cut += 1) {
      const before = returns;
      client.cut();
      await vi.waitFor(() => expect(returns).toBeGreaterThan(before), TIMEOUT);
    }
    going = false;
    await burst;

    await vi.waitFor(
      () => expect([client.of('all').at(-1), client.of('said').at(-1)]).toEqual([sent - 1, sent - 1]),
      TIMEOUT,
    );
    for (const name of ['all', 'said']) {
      const heard = client.of(name).map(Number);
      expect(heard).toEqual(range(heard[0] ?? 0, sent));
    }
  }, 120_000);

  it('comes back to another server, which has never seen it', async () => {
    await using servers = await startTwo();
    const { a, b } = servers;
    withJoin(a);
    const client = await a.connect().connected();
    await client.socket.emitWithAck('join', 'own');
    a.io.emit('all', 0);
    await client.got('all', 1);
    const comeBack = stayAway(client);
    a.io.emit('all', 1);
    b.io.to('own').emit('all', 2);
    client.socket.io.opts.port = String(b.port);
    Reflect.set(client.socket.io, 'uri', `http://127.0.0.1:${b.port}`);
    comeBack();
    await client.connected();

    expect(client.socket.recovered).toBe(true);
    expect(await client.got('all', 3)).toEqual([0, 1, 2]);
    a.io.to('own').emit('all', 3);
    expect(await client.got('all', 4)).toEqual([0, 1, 2, 3]);
  });

  it('is recognised although its server has not noticed that it had gone', async () => {
    await using server = await startIo();
    const first = await server.connect().connected();
    server.io.emit('all', 0);
    await first.got('all', 1);
    const [offset] = first.events.at(-1)?.slice(-1) ?? [];
    const { pid } = { pid: Reflect.get(first.socket, '_pid') };
    server.io.emit('all', 1);

    const second = server.connect({ auth: { pid, offset } });
    await second.connected();

    expect(second.socket.id).toBe(first.socket.id ?? second.socket.id);
    expect(await second.got('all', 1)).toEqual([1]);
    expect(server.io.sockets.sockets.size).toBe(1);
  });

  it('does not get a second time what it missed in a room that it left and joined again', async () => {
    await using server = await startIo();
    withJoin(server);
    const client = await server.connect().connected();
    await client.socket.emitWithAck('join', 'room:a');
    await server.live.channel('room:a').publish('said', 0);
    await client.got('said', 1);
    await client.socket.emitWithAck('leave', 'room:a');
    await server.live.channel('room:a').publish('said', 'not there');
    await client.socket.emitWithAck('join', 'room:a');
    await vi.waitFor(
      () => expect(server.live.channels().find(({ channel }) => channel === 'room:a')?.subscribers).toBe(1),
      TIMEOUT,
    );
    await new Promise((resolve) => setImmediate(resolve));
    const comeBack = stayAway(client);
    await server.live.channel('room:a').publish('said', 1);
    comeBack();
    await client.connected();

    expect(client.socket.recovered).toBe(true);
    expect(await client.got('said', 2)).toEqual([0, 1]);
  });

  it('is new where what it missed is gone, where it left for good, and where it presents nonsense', async () => {
    await using server = await startIo();
    const client = await server.connect().connected();
    server.io.emit('all', 0);
    await client.got('all', 1);
    const offset = String(client.events.at(-1)?.at(-1));
    const pid = String(Reflect.get(client.socket, '_pid'));
    client.socket.disconnect();
    await vi.waitFor(() => expect(server.io.sockets.sockets.size).toBe(0), TIMEOUT);

    for (const auth of [
      { pid, offset },
      { pid, offset: 'zzz.1!' },
      { pid, offset: '!' },
      { pid, offset: '' },
      { pid: '../../x', offset },
      { pid: 'x'.repeat(1000), offset },
      { pid: 7, offset: {} },
    ]) {
      const again = await server.connect({ auth }).connected();
      expect(again.socket.recovered).toBe(false);
      expect(again.of('all')).toEqual([]);
    }
  });

  it('is new after longer than maxDisconnectionDuration', async () => {
    await using server = await startIo({ server: { connectionStateRecovery: { maxDisconnectionDuration: 1 } } });
    const client = await server.connect().connected();
    server.io.emit('all', 0);
    await client.got('all', 1);
    const comeBack = stayAway(client);
    await vi.waitFor(() => expect(server.io.sockets.sockets.size).toBe(0), TIMEOUT);
    const leftAt = Date.now();
    await vi.waitUntil(() => Date.now() > leftAt + 1, TIMEOUT);
    comeBack();
    await client.connected();

    expect(client.socket.recovered).toBe(false);
  });

  it('comes back from a server that was killed with -9 to the next on the same file', async () => {
    const script = fileURLToPath(new URL('./io-child.mjs', import.meta.url));
    await using server = await startServerProcess({ script });
    const client = new Client(server.url, { transports: ['polling', 'websocket'] });
    try {
      await client.connected();
      await client.socket.emitWithAck('join', 'room:a');
      await client.socket.emitWithAck('join', 'own');
      for (const n of range(0, 10)) await fetch(`${server.url}/emit?n=${n}`);
      await Promise.all([client.got('all', 10), client.got('said', 10)]);
      const { id } = client.socket;
      client.socket.io.reconnection(false);

      await server.crashAndRestart();
      for (const n of range(10, 20)) await fetch(`${server.url}/emit?n=${n}`);
      client.socket.io.reconnection(true);
      client.socket.connect();
      await client.connected();
      for (const n of range(20, 25)) await fetch(`${server.url}/emit?n=${n}`);

      expect(await client.got('all', 25)).toEqual(range(0, 25));
      expect(((await client.got('said', 25)) as { n: number }[]).map(({ n }) => n)).toEqual(range(0, 25));
      expect(client.socket.recovered).toBe(true);
      expect(client.socket.id).toBe(id);
      const [rooms] = await new Promise<unknown[]>((resolve) =>
        client.socket.emit('rooms', (...answer: unknown[]) => resolve(answer)),
      );
      expect(rooms).toEqual([id, 'own', 'room:a'].sort());
    } finally {
      client.socket.disconnect();
    }
  });
});
