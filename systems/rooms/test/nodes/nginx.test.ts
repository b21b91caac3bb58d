/** The rooms of two servers behind the nginx of docs/production.md: one client stays with one of them, as polling needs it. */
import { readFileSync } from 'node:fs';
import { Agent } from 'node:http';
import { findNginx, type Nginx, type Nodes, startNginx } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { TIMEOUT } from '../rooms-support.ts';
import { IoClient } from '../socket-io-support.ts';
import { api, describeNodes, startTwo } from './two-nodes.ts';

const page = readFileSync(new URL('../../../../docs/production.md', import.meta.url), 'utf8');
const block = (kind: string): string => new RegExp(`\`\`\`${kind}\n([^]*?)\`\`\``).exec(page)?.[1] ?? '';

let nodes: Nodes;
let nginx: Nginx;

describe.skipIf(findNginx() === undefined)('with nginx', () => {
  describeNodes('the rooms of two servers', () => {
    beforeAll(async () => {
      nodes = await startTwo();
      nginx = await startNginx({
        upstreamPort: nodes.a.port,
        http: ({ port }) =>
          block('nginx')
            .replace(/upstream fanfare \{[^}]*\}/, block('nginx upstream'))
            .replace('listen 80;', `listen 127.0.0.1:${port};`)
            .replace('127.0.0.1:3001', `127.0.0.1:${nodes.a.port}`)
            .replace('127.0.0.1:3002', `127.0.0.1:${nodes.b.port}`),
      });
    });
    afterAll(async () => {
      await nginx?.[Symbol.asyncDispose]();
      await nodes?.[Symbol.asyncDispose]();
    });

    it('are one for sixteen addresses that poll, and those that then upgrade', async () => {
      const clients = Array.from({ length: 16 }, (_, n) => {
        // Each from an address of its own: that is what nginx chooses by.
        const agent = Object(new Agent({ localAddress: `127.0.0.${n + 2}` }));
        return new IoClient(nginx.url, { agent, transports: n % 2 === 0 ? ['polling'] : ['polling', 'websocket'] });
      });
      try {
        for (const client of clients) await client.welcomed();
        for (const client of clients) await client.ask('join-room', 'all');
        const [first] = clients;
        await first?.ask('room-message', { room: 'all', message: 'hello' });
        for (const client of clients) await client.got('room-message', 1);

        const wires = () => clients.map(({ socket }) => socket.io.engine.transport.name);
        await vi.waitFor(() => expect(wires().filter((name) => name === 'websocket')).toHaveLength(8), TIMEOUT);
        for (const node of [nodes.a, nodes.b]) {
          const { channels } = Object(await api(node, 'channels', {}));
          const inRoom = channels.find((one: { channel: string }) => one.channel === 'room:all')?.subscribers;
          expect(inRoom).toBeGreaterThan(0);
          expect(inRoom).toBeLessThan(16);
        }
        expect(clients.flatMap(({ refusals }) => refusals)).toEqual([]);
      } finally {
        for (const client of clients) client[Symbol.dispose]();
      }
    });
  });
});
