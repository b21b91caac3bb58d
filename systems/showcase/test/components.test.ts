/** What the components page stands on: a dial that anybody may turn and a toast that anybody may send, within limits. */
import { createClient } from '@fanfare/client';
import type { ServerProcess } from '@fanfare/testkit';
import type { ShowcaseShapes } from '@fanfare-systems/showcase';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { componentChannels, visitorLimit } from '../server/component-channels.ts';
import { post, startShowcase } from './start.ts';

const WITHIN = { timeout: 10_000 };

describe('POST /api/showcase/dial', () => {
  let server: ServerProcess;
  beforeAll(async () => {
    server = await startShowcase();
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it('turns the dial that everybody sees', async () => {
    const client = createClient<ShowcaseShapes>({ url: server.url });
    const dial = client.channel('components:dial');
    dial.on('state', () => undefined);
    await expect.poll(() => dial.subscription.status, WITHIN).toBe('subscribed');

    const response = await post(server, '/api/showcase/dial', { points: 41 });

    expect(response.status).toBe(200);
    await expect.poll(() => dial.value, WITHIN).toEqual({ points: 41 });
    client.close();
  });

  it.each([{}, { points: -1 }, { points: 100 }, { points: 1.5 }, { points: '7' }, { points: null }, [], null])(
    'refuses %j',
    async (body) => {
      const response = await post(server, '/api/showcase/dial', body);

      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ error: { code: 'FIELD_INVALID', details: { field: 'points' } } });
    },
  );

  it('refuses, with the time to wait, whoever turns it too often', async () => {
    const answers = await Promise.all(
      Array.from({ length: 40 }, () => post(server, '/api/showcase/dial', { points: 1 })),
    );

    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(Number(refused[0]?.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused[0]?.json()).toMatchObject({ error: { code: 'RATE_LIMITED' } });
  });
});

describe('who may do what on the channels of the page', () => {
  function ask(action: 'subscribe' | 'publish', address: string, channels = componentChannels(visitorLimit(() => 0))) {
    const { access } = channels['components:toasts'];
    if (typeof access !== 'object') throw new Error('the rule says it action by action');
    const check = access[action];
    if (check === 'public') return { allow: true };
    if (check === undefined) throw new Error(`there is no rule for ${action}`);
    return check({ action, address, channel: 'components:toasts', params: {}, identity: undefined });
  }

  it('lets everybody see the toasts, and send twenty at once', () => {
    const channels = componentChannels(visitorLimit(() => 0));

    const answers = Array.from({ length: 21 }, () => ask('publish', '203.0.113.7', channels));

    expect(answers.filter((answer) => 'allow' in answer && answer.allow)).toHaveLength(20);
    expect(answers.at(-1)).toEqual({ allow: false, status: 429, code: 'RATE_LIMITED' });
    expect(ask('subscribe', '203.0.113.7', channels)).toEqual({ allow: true });
    expect(ask('publish', '198.51.100.1', channels)).toEqual({ allow: true });
  });

  it('lets nobody but the server set the dial: a visitor could fill it with keys', () => {
    expect(componentChannels(visitorLimit(() => 0))['components:dial'].access).toBe('public');
  });
});
