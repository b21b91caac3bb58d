/** What the start page asks of its server: who one can be, and one greeting sent without the API key. */
import type { Accounts } from '@fanfare-systems/accounts';
import { type Authority, grants, type PublishReceipt } from 'fanfare';
import { type Exchange, fail, failFor, Router, refuseField } from 'fanfare/http';

export interface StartPageOptions {
  readonly accounts: Pick<Accounts, 'authenticate' | 'demoUsers'>;
  /** Says who may publish to `public:hello`, by name. */
  readonly rights: Pick<Authority, 'decide'>;
  /** Publishes to `public:hello`. */
  readonly greet: (greeting: Greeting) => Promise<PublishReceipt>;
}

export interface Greeting {
  readonly text: string;
  readonly from: string;
}

const HELLO = 'public:hello';
const LONGEST_TEXT = 200;

/** A token that grants it, or the administrators of this server. */
export const GREETING_RIGHTS: Authority = grants({ roles: { admin: { publish: ['public:hello'] } } });

/** GET /api/showcase; POST /api/showcase/hello, for whoever is granted to publish there. */
export function startPageRoutes({ accounts, rights, greet }: StartPageOptions): Router {
  return new Router()
    .get('/api/showcase', (exchange) => exchange.send(200, { people: accounts.demoUsers() }))
    .post('/api/showcase/hello', async (exchange) => {
      const identity = await accounts.authenticate(exchange.req);
      if (identity === undefined) return fail('UNAUTHENTICATED');
      const { address } = exchange;
      const decision = await rights.decide({ action: 'publish', channel: HELLO, params: {}, address, identity });
      if (decision?.allow !== true) return failFor(identity, 'FORBIDDEN', { channel: HELLO });
      const greeting = { text: await textOf(exchange), from: identity.name ?? identity.subject };
      exchange.send(200, await greet(greeting));
    });
}

async function textOf(exchange: Exchange): Promise<string> {
  const body = await exchange.json();
  const text: unknown = typeof body === 'object' && body !== null ? Reflect.get(body, 'text') : undefined;
  if (typeof text === 'string' && text.length >= 1 && text.length <= LONGEST_TEXT) return text;
  return refuseField('text', `a text of 1 to ${LONGEST_TEXT} characters`, text);
}
