/** How many commands a publish costs the Redis: counted by the Redis, so that no busy machine changes it. */
import { createRequire } from 'node:module';
import { findRedis } from '@fanfare/testkit';
import type { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { note, RedisFixture, until } from './redis-fixture.ts';

const COUNT = 200;
const CHANNEL = /counted\d+/;

describe.skipIf(findRedis() === undefined)('a publish on redis', () => {
  it('is one call of one script, however many are published at once', async () => {
    await using fixture = await RedisFixture.start();
    const engine = await fixture.open();
    await engine.broker.append(note('first', 'loads the script'));
    const Client: new (url: string) => Redis = createRequire(import.meta.url)('ioredis').Redis;
    const client = new Client(fixture.server.url);
    const monitor = await client.monitor();
    const sent: string[] = [];
    let ended = false;
    // What a script does within is told as of `lua`, and costs no way over the wire.
    monitor.on('monitor', (_time: string, [command = '', ...args]: string[], source: string) => {
      if (source !== 'lua' && CHANNEL.test(args.join(' '))) sent.push(command.toLowerCase());
      if (args[0] === 'the end') ended = true;
    });
    try {
      await Promise.all(Array.from({ length: COUNT }, (_, n) => engine.broker.append(note(`counted${n % 20}`, n))));
      await client.echo('the end');
      await until(() => expect(ended).toBe(true));

      expect(sent).toEqual(Array(COUNT).fill('evalsha'));
    } finally {
      monitor.disconnect();
      client.disconnect();
    }
  });
});
