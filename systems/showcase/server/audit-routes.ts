/** GET /api/showcase/audit: the audit trail, for whoever is granted to manage it: who did what to the server, and who was refused what. */
import type { IncomingMessage } from 'node:http';
import { type AuditTrail, type Authority, grants, type Identity } from 'fanfare';
import { type Exchange, fail, failFor, Router, refuseField } from 'fanfare/http';

export interface AuditRoutesOptions {
  readonly authenticate: (req: IncomingMessage) => Promise<Identity | undefined>;
  /** Says who may `manage` the channel `server:audit`: nobody listens there, it stands for the trail. */
  readonly rights: Pick<Authority, 'decide'>;
  readonly audit: Pick<AuditTrail, 'search'>;
}

/** A token that grants it, or the administrators of this server. */
export const AUDIT_RIGHTS: Authority = grants({ roles: { admin: { manage: ['server:audit'] } } });

const TRAILS = { refused: 'denials', done: 'acts' } as const;
const MAX_LIMIT = 200;
const MAX_TEXT = 128;
const POSITION = /^[A-Za-z0-9._~-]{1,64}$/;

/** `?outcome=refused|done&who=&what=&before=&limit=`, newest first; the answer's `older` is the next `before`. */
export function auditRoutes({ authenticate, rights, audit }: AuditRoutesOptions): Router {
  return new Router().get('/api/showcase/audit', async (exchange) => {
    const identity = await authenticate(exchange.req);
    if (identity === undefined) return fail('UNAUTHENTICATED');
    const about = { action: 'manage', channel: 'server:audit', params: {}, address: exchange.address } as const;
    const decision = await rights.decide({ ...about, identity });
    if (decision?.allow !== true) return failFor(identity, 'FORBIDDEN');
    const { entries, older } = await audit.search(searchOf(exchange));
    exchange.send(200, { entries, older: older ?? null }, { 'Cache-Control': 'no-store' });
  });
}

function searchOf({ query }: Exchange): Parameters<AuditTrail['search']>[0] {
  const outcome = query.get('outcome') ?? 'refused';
  if (outcome !== 'refused' && outcome !== 'done') return refuseField('outcome', 'refused or done', outcome);
  const limit = Number(query.get('limit') ?? 50);
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    return refuseField('limit', `a whole number from 1 to ${MAX_LIMIT}`, query.get('limit'));
  }
  const before = query.get('before') ?? undefined;
  if (before !== undefined && !POSITION.test(before)) return refuseField('before', 'a position of the trail', before);
  return { trail: TRAILS[outcome], limit, before, actor: text(query, 'who'), action: text(query, 'what') };
}

function text(query: URLSearchParams, name: string): string | undefined {
  const value = query.get(name)?.trim() ?? '';
  if (value.length > MAX_TEXT) return refuseField(name, `at most ${MAX_TEXT} characters`, value);
  return value === '' ? undefined : value;
}
