/** Who reads the audit trail: a right that is granted, and not the name of a role. */

import { once } from 'node:events';
import { createServer } from 'node:http';
import { grants, type Identity } from 'fanfare';
import { describe, expect, it } from 'vitest';
import { AUDIT_RIGHTS, auditRoutes } from '../server/audit-routes.ts';

/** The status that somebody gets. */
async function statusFor(identity: Identity | undefined, rights = AUDIT_RIGHTS): Promise<number> {
  const audit = { search: () => Promise.resolve({ entries: [], older: undefined }) };
  const routes = auditRoutes({ authenticate: () => Promise.resolve(identity), rights, audit });
  const server = createServer((req, res) => void routes.handle(req, res)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  try {
    return (await fetch(`http://127.0.0.1:${port}/api/showcase/audit`)).status;
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

describe('the audit trail', () => {
  it.each<[string, Identity | undefined, number]>([
    ['nobody', undefined, 401],
    ['an administrator', { subject: '1', roles: ['admin'] }, 200],
    ['somebody else', { subject: '2', roles: ['umpire', 'staff'] }, 403],
    ['who is granted it by the token', { subject: '3', roles: [], grants: { manage: ['server:*'] } }, 200],
    ['who is granted to read, and not to manage', { subject: '4', roles: [], grants: { subscribe: ['**'] } }, 403],
    ['who manages something else', { subject: '5', roles: [], grants: { manage: ['court:*'] } }, 403],
  ])('is, or is not, for %s', async (_, identity, status) => {
    expect(await statusFor(identity)).toBe(status);
  });

  it('is not for a role that is granted nothing, whatever its name', async () => {
    const rights = grants({ roles: { auditor: { manage: ['server:audit'] } } });

    expect(await statusFor({ subject: '1', roles: ['admin'] }, rights)).toBe(403);
    expect(await statusFor({ subject: '2', roles: ['auditor'] }, rights)).toBe(200);
  });
});
