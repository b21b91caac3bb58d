/** The server of the behaviour suite of all wires, as `StartServer` in the testkit asks for it. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import type { StartServer } from '@fanfare/testkit';
import {
  type AccessDecision,
  type AccessRule,
  type ActionRules,
  type Authenticate,
  type Check,
  createFanfare,
  FanfareError,
  log,
  memory,
  type StandardSchema,
  signal,
  state,
} from '../../src/index.ts';

const everybody: ActionRules = { subscribe: 'public', publish: () => ({ allow: true }) };

const isOwner: Check = ({ identity, params }) => {
  if (identity === undefined) return { allow: false, status: 401, code: 'UNAUTHENTICATED' };
  return identity.subject === params['user'] ? { allow: true } : { allow: false, status: 403, code: 'FORBIDDEN' };
};

const owner: ActionRules = { subscribe: isOwner, publish: isOwner };

const staff: AccessRule = ({ identity }) =>
  identity?.roles.includes('staff') === true ? { allow: true } : { allow: false, status: 403, code: 'FORBIDDEN' };

const channels = {
  'log:{id}': log({ access: 'public' }),
  'short:{id}': log({ access: 'public', keep: { count: 3 } }),
  'small:{id}': log({ access: 'public', maxSubscribers: 1 }),
  'state:{id}': state({ access: 'public' }),
  'signal:{id}': signal({ access: 'public' }),
  'open:{id}': log({ access: everybody, events: { said: of('string') } }),
  'dial:{id}': state({ access: everybody, schema: of('number') }),
  'whisper:{id}': signal({ access: everybody }),
  'mine:{user}': log({ access: owner }),
  'staff:{id}': log({ access: staff }),
  'crowded:{id}': log({ access: { subscribe: crowded, publish: crowded } }),
  'broken:{id}': log({
    access: { subscribe: broken, publish: broken },
  }),
};

function crowded(): AccessDecision {
  return { allow: false, status: 429, code: 'RATE_LIMITED' };
}

function broken(): never {
  throw new Error('no database');
}

const authenticate: Authenticate = ({ headers }) => {
  const [subject = '', ...roles] = (headers.authorization ?? '').replace('Bearer ', '').split('+');
  if (subject === 'expired') throw new FanfareError('CREDENTIAL_EXPIRED');
  if (subject === 'fault') throw new Error('no database');
  return subject === '' ? undefined : { subject, roles };
};

export const startWireServer: StartServer = async (settings = {}) => {
  const live = createFanfare({ engine: memory(), channels, authenticate, publicChannels: false, ...settings });
  const server = createServer(live.handler);
  live.attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return {
    live,
    port: typeof address === 'object' && address !== null ? address.port : 0,
    async [Symbol.asyncDispose]() {
      await live.close();
      server.close();
      server.closeAllConnections();
    },
  };
};

function of(kind: 'string' | 'number'): StandardSchema<unknown> {
  return {
    '~standard': {
      version: 1,
      vendor: 'test',
      validate: (value) => (typeof value === kind ? { value } : { issues: [{ message: `expected a ${kind}` }] }),
    },
  };
}
