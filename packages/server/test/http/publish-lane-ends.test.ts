/** Where the lane of a connection that publishes begins and ends: half a request, a body too large, a peer that leaves, a time without a word. */
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, expect, it } from 'vitest';
import { API_KEY, startLive } from './live-fixture.ts';
import { onLane, Publisher, positions, readByNode, request, slowEngine, writeAlone } from './publisher.ts';

const CONFIG = { port: 0, host: '127.0.0.1', trustProxy: 0, logRequests: false };

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}

/** As a peer that reads slowly: what its stream is given leaves when the returned function is called. */
function holdWrites(socket: Socket): () => void {
  const held: (() => void)[] = [];
  for (const name of ['_write', '_writev']) {
    const write: unknown = Reflect.get(socket, name);
    Reflect.set(socket, name, (...args: unknown[]) => {
      held.push(() => typeof write === 'function' && Reflect.apply(write, socket, args));
    });
  }
  return () => {
    Reflect.deleteProperty(socket, '_write');
    Reflect.deleteProperty(socket, '_writev');
    for (const leave of held) leave();
  };
}

describe('a connection that publishes', () => {
  it('stays with node:http where a part of its next request has come, wherever it is cut', async () => {
    await using server = await startLive();
    const next = request(2);

    for (const cut of [1, 4, 30, next.indexOf('\r\n\r\n') + 2, next.indexOf('\r\n\r\n') + 4, next.length - 1]) {
      using publisher = new Publisher(server.port);
      await publisher.ask(request(1) + next.slice(0, cut));
      await turns(3);
      expect((await publisher.ask(next.slice(cut)))[0]).toContain(' 200 ');
    }
  });

  it('is with node:http for good once a head was another one', async () => {
    await using server = await startLive();
    const seen = readByNode(server);
    const { publisher } = await onLane(server);
    using _ = publisher;

    await publisher.ask(request(2, { headers: ['X-Other: 1'] }));
    await turns(3);
    for (const n of [3, 4]) await publisher.ask(request(n));

    expect(seen.count).toBe(4);
  });

  it('is judged anew where only the key is another one, as long as the first, and stands behind the length', async () => {
    await using server = await startLive();
    const keyLine = `X-API-Key: ${API_KEY}\r\n`;
    const good = request(1).replace(keyLine, '').replace('\r\n\r\n', `\r\n${keyLine}\r\n`);
    using publisher = new Publisher(server.port);
    for (let n = 0; n < 3; n += 1) {
      expect((await publisher.ask(good))[0]).toContain(' 200 ');
      await turns(3);
    }

    const [answer] = await publisher.ask(good.replace(API_KEY, API_KEY.replace(/^./, '#')));

    expect(answer).toContain(' 401 ');
  });

  it('may publish no more at once than others', async () => {
    const limits = { maxMessageBytes: 400 };
    await using server = await startLive({ start: { config: { ...CONFIG, limits } } });
    const seen = readByNode(server);
    const { publisher } = await onLane(server);
    using _ = publisher;
    const [least] = [request('').length - request('').indexOf('\r\n\r\n') - 4];

    await publisher.ask(request('x'.repeat(400 - least)));
    expect(seen.count).toBe(1);
    await publisher.ask(request('x'.repeat(401 - least)));
    expect(seen.count).toBe(2);
  });

  it('gets the answer that it waits for when the server ends, and then its end', async () => {
    const engine = slowEngine();
    const server = await startLive({ engine });
    const { publisher, served } = await onLane(server);
    using _ = publisher;
    const ended = once(publisher.socket, 'end');
    engine.hold();
    publisher.received = '';
    await writeAlone(publisher, served, request(2));

    const closed = server.running.close();
    engine.release();

    expect(positions(await publisher.answers(1))).toEqual(['2']);
    await ended;
    await closed;
  });

  it('that closes its half gets the answer that it waits for, and its end', async () => {
    const engine = slowEngine();
    await using server = await startLive({ engine });
    const { publisher, served } = await onLane(server);
    using _ = publisher;
    const ended = once(publisher.socket, 'end');
    engine.hold();
    publisher.received = '';
    await writeAlone(publisher, served, request(2));

    publisher.socket.end();
    await once(served, 'end');
    engine.release();

    expect(positions(await publisher.answers(1))).toEqual(['2']);
    await ended;
  });

  it('is waited for while the engine owes it an answer, and let go when it says nothing for long', async () => {
    const engine = slowEngine();
    await using server = await startLive({ engine });
    const { publisher, served } = await onLane(server);
    using _ = publisher;
    const ended = once(publisher.socket, 'close');
    expect(served.timeout).toBe(65_000);
    engine.hold();
    publisher.received = '';
    await writeAlone(publisher, served, request(2));

    served.emit('timeout');
    engine.release();
    expect(positions(await publisher.answers(1))).toEqual(['2']);
    served.emit('timeout');

    await ended;
  });

  it('loses nothing of what it asks while a refusal is on its way to it', async () => {
    await using server = await startLive();
    const { publisher, served } = await onLane(server);
    using _ = publisher;
    publisher.received = '';
    const letGo = holdWrites(served);

    await writeAlone(publisher, served, request(2, { channel: 'nowhere' }));
    await writeAlone(publisher, served, request(3));
    letGo();

    const answers = await publisher.answers(2);
    expect(answers.map((answer) => answer.slice(9, 12))).toEqual(['404', '200']);
  });

  it('that breaks off while the engine takes its time takes nothing along', async () => {
    const engine = slowEngine();
    await using server = await startLive({ engine });
    const { publisher, served } = await onLane(server);
    const gone = new Promise((resolve) => served.once('close', resolve));
    engine.hold();
    await writeAlone(publisher, served, request(2));
    publisher.socket.resetAndDestroy();
    await gone;
    engine.release();

    const { publisher: next } = await onLane(server);
    using _ = next;
    expect(positions(await next.ask(request(4)))).toEqual(['4']);
  });
});
