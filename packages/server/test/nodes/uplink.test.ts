/** Commands beside a stream go to the node that has it: another one says clearly that it has not, and the client comes back whole. */
import { type Client, createClient } from '@fanfare/client';
import { connectSse, type FaultProxy, type Nodes, startFaultProxy } from '@fanfare/testkit';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { answerOf, post } from '../auth/wires.ts';
import { api, describeNodes, startTwo } from './two-nodes.ts';

const SOON = { timeout: 20_000, interval: 10 };
const RULES = { baseMs: 200, capMs: 2000, connectTimeoutMs: 3000 };

let nodes: Nodes;

describeNodes('an uplink on two nodes', () => {
  beforeAll(async () => {
    nodes = await startTwo({ env: { LIMITS: JSON.stringify({ minRetryMs: 1000, maxRetryMs: 1000 }) } });
  });
  afterAll(() => nodes?.[Symbol.asyncDispose]());

  it('is told CONNECTION_UNKNOWN by the node that has not the connection, which stays as it was', async () => {
    using stream = await connectSse({ port: nodes.a.port, channels: ['log:a'] });
    const [connected] = stream.frames;
    const id = connected?.type === 'connected' ? connected.connection : '';
    const path = `/live/uplink/${id}`;

    const elsewhere = await answerOf(post(`${nodes.b.url}${path}`, { type: 'subscribe', id: 1, channel: 'log:b' }));
    const there = await answerOf(post(`${nodes.a.url}${path}`, { type: 'subscribe', id: 2, channel: 'log:b' }));

    expect(elsewhere).toMatchObject({ status: 404, code: 'CONNECTION_UNKNOWN' });
    expect(there).toMatchObject({ status: 200, body: { frames: [{ type: 'subscribed', id: 2, channel: 'log:b' }] } });
    expect(stream.closed).toBe(false);
  });

  it.each(['sse', 'poll'] as const)(
    'a client whose balancer moved it subscribes and publishes, and misses nothing: %s',
    async (wire) => {
      await using balancer: FaultProxy = await startFaultProxy({ targetPort: nodes.a.port });
      const client: Client = createClient({
        url: balancer.url,
        transports: [wire],
        tabs: false,
        rules: RULES,
        onError: () => undefined,
      });
      const heard: string[] = [];
      const follow = (name: string) => {
        const channel = client.channel(`log:${wire}-${name}`);
        channel.on('n', (data) => heard.push(`${name} ${data}`));
        channel.onLost(({ cause }) => heard.push(`${name} lost ${cause}`));
        return channel;
      };
      const say = (name: string, data: number) =>
        api(nodes.b, 'publish', { channel: `log:${wire}-${name}`, event: 'n', data });
      const first = follow('first');
      await vi.waitFor(() => expect(first.subscription.status).toBe('subscribed'), SOON);
      await say('first', 1);
      await vi.waitFor(() => expect(heard).toContain('first 1'), SOON);

      // What stands, stays on A; whatever is asked from now on comes to B.
      balancer.targetPort = nodes.b.port;
      const second = follow('second');
      await say('first', 2);
      await vi.waitFor(() => expect(second.subscription.status).toBe('subscribed'), SOON);
      await say('second', 1);
      const published = await vi.waitFor(() => first.publish('n', 3), SOON);
      await vi.waitFor(() => expect(heard).toHaveLength(4), SOON);

      expect(heard.toSorted()).toEqual(['first 1', 'first 2', 'first 3', 'second 1']);
      expect(published.position).toBeDefined();
      client.close();
    },
  );
});
