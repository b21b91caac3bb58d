/** A connection that publishes is read past `node:http` after its first request: nobody may tell by anything but the time. */
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { EngineUnavailable } from '../../src/core/index.ts';
import { API_KEY, startLive } from './live-fixture.ts';
import { fixed, onLane, Publisher, positions, readByNode, request, slowEngine, writeAlone } from './publisher.ts';

describe('a connection that publishes', () => {
  it('is read by node:http once, and answered with the same bytes ever after', async () => {
    await using server = await startLive();
    const seen = readByNode(server);
    const { publisher, first } = await onLane(server);
    using _ = publisher;

    for (let n = 2; n <= 40; n += 1) {
      const [answer] = await publisher.ask(request('x'.repeat(n * n)));
      expect(fixed(answer)).toBe(fixed(first));
      expect(positions([answer ?? ''])).toEqual([n.toString(36)]);
    }

    expect(seen.count).toBe(1);
    expect(first).toMatch(/\r\nDate: .* GMT\r\n/);
  });

  it('gets every refusal as node:http would have sent it, and publishes on', async () => {
    await using server = await startLive();
    const { publisher } = await onLane(server);
    using _ = publisher;
    using other = new Publisher(server.port);
    const without = (answer = ''): string => fixed(answer).replace(/Keep-Alive: .*\r\n/, '');

    for (const bad of [request(1, { channel: 'nobody:knows' }), request(2, { channel: 'not a name' })]) {
      const [answer] = await publisher.ask(bad);
      expect(without(answer)).toBe(without((await other.ask(bad))[0]));
      expect(positions(await publisher.ask(request(3)))).not.toContain(undefined);
    }
  });

  it('answers requests that were sent without waiting, or in pieces, in their order', async () => {
    await using server = await startLive();
    const { publisher, served } = await onLane(server);
    using _ = publisher;

    expect(positions(await publisher.ask(request(2) + request(3) + request(4), 3))).toEqual(['2', '3', '4']);
    const whole = request('in pieces');
    publisher.received = '';
    await writeAlone(publisher, served, whole.slice(0, 40));
    expect(positions(await publisher.ask(whole.slice(40)))).toEqual(['5']);
    expect(positions(await publisher.ask(request(6)))).toEqual(['6']);
  });

  it.each([
    ['the first that is read past node:http', 0],
    ['a later one', 1],
  ])('is judged anew as soon as a head is another one, %s', async (_, before) => {
    await using server = await startLive();
    const seen = readByNode(server);
    const wrongKey = API_KEY.replace(/^./, '#');
    const other = {
      'another key': [request(2).replace(API_KEY, wrongKey), '401'],
      'another key behind the length': [request(2, { headers: [`X-API-Key: ${wrongKey}`] }), '401'],
      'another header': [request(2, { headers: ['Origin: https://evil.example'] }), '403'],
      'a second length': [request(2, { headers: ['Content-Length: 5'] }), '400'],
      'a transfer coding': [request(2, { headers: ['Transfer-Encoding: chunked'] }), '400'],
      'another path': [request(2).replace('/publish', '/nothing'), '404'],
      'another method': [request(2).replace('POST', 'PUT'), '405'],
      'a length with a sign': [request(2).replace(/Content-Length: /, 'Content-Length: +'), '400'],
    } as const;

    for (const [what, [bytes, status]] of Object.entries(other)) {
      const { publisher } = await onLane(server);
      using _ = publisher;
      for (let n = 0; n < before; n += 1) expect(await publisher.ask(request(1))).toHaveLength(1);
      const [answer] = await publisher.ask(bytes);
      expect(`${what}: ${answer?.slice(9, 12)}`).toBe(`${what}: ${status}`);
    }
    expect(seen.count).toBeGreaterThan(7);
  });

  it('is no place for others than who holds the key of the server, and none where requests are logged', async () => {
    await using logging = await startLive({ logRequests: true });
    const seen = readByNode(logging);
    const { publisher } = await onLane(logging);
    using _ = publisher;

    await publisher.ask(request(2));

    expect(seen.count).toBe(2);
  });

  it('that asks on while the engine takes its time is answered in order, and after a failure too', async () => {
    const engine = slowEngine();
    await using server = await startLive({ engine });
    const { publisher, served } = await onLane(server);
    using _ = publisher;
    engine.hold();
    publisher.received = '';

    for (const n of [2, 3]) await writeAlone(publisher, served, request(n));
    expect(publisher.received).toBe('');
    engine.release();
    expect(positions(await publisher.answers(2))).toEqual(['2', '3']);

    engine.hold();
    publisher.received = '';
    for (const n of [4, 5]) await writeAlone(publisher, served, request(n));
    engine.release(new EngineUnavailable('The disk is full.'));
    const [failed, next] = await publisher.answers(2);
    expect(failed).toContain(' 503 ');
    expect(positions([next ?? ''])).toEqual(['4']);
  });

  it('ends when the server does, at once where nothing is asked', async () => {
    const server = await startLive();
    const { publisher } = await onLane(server);
    using _ = publisher;
    const ended = once(publisher.socket, 'end');

    await server.running.close();

    await ended;
  });

  it('that breaks off takes nothing along', async () => {
    await using server = await startLive();
    const { publisher } = await onLane(server);
    publisher.socket.write(request(2));
    publisher.socket.resetAndDestroy();

    const { publisher: next } = await onLane(server);
    using _ = next;
    expect(positions(await next.ask(request(3)))).not.toContain(undefined);
  });
});
