/** P9 by a tool of others: slowhttptest finds the service available while it sends headers, bodies and reads as slowly as it can. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AttackServer, startAttacked } from './attack-server.ts';

const isInstalled = spawnSync('slowhttptest', ['-h']).error === undefined;
const isRequired = process.env['CI'] === 'true';
if (!isInstalled && !isRequired) process.stderr.write('slowhttptest is not installed here: its tests are skipped.\n');

let server: AttackServer;

/** 400 connections, 200 new ones a second; a probe that gets no answer within 3 s finds the service unavailable. */
async function attack(args: readonly string[], path: string): Promise<string> {
  const common = ['-c', '400', '-r', '200', '-l', '14', '-p', '3', '-i', '2', '-u', server.url + path];
  const tool = spawn('slowhttptest', [...args, ...common], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const hear = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  tool.stdout.on('data', hear);
  tool.stderr.on('data', hear);
  await once(tool, 'exit');
  return stripVTControlCharacters(output);
}

describe.skipIf(!isInstalled && !isRequired)('P9 slowhttptest', { timeout: 90_000 }, () => {
  beforeAll(async () => {
    server = await startAttacked();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('finds the service available through all three at once, and afterwards', async () => {
    const outputs = await Promise.all([
      attack(['-H', '-t', 'GET'], '/live/sse?channel=log:a'),
      attack(['-B', '-t', 'POST', '-s', '60000', '-x', '24'], '/live/api/publish'),
      attack(['-X', '-w', '10', '-y', '20', '-n', '2', '-z', '8', '-k', '3'], '/live/poll?channel=log:a'),
    ]);

    for (const output of outputs) {
      const found = [...output.matchAll(/service available:\s+(\w+)/g)].map((match) => match[1]);
      expect(new Set(found)).toEqual(new Set(['YES']));
    }
    await server.expectUnharmed();
  });
});
