/** The configuration page and the help say what the source says. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { hashApiKey } from '../../src/auth/api-keys.ts';
import { readAccessFile } from '../../src/cli/access-file.ts';
import { EXPLAIN_FLAGS } from '../../src/cli/explain.ts';
import { TOKEN_FLAGS } from '../../src/cli/token.ts';
import { EXPLAIN_HELP, TOKEN_HELP } from '../../src/cli/usage.ts';
import { SETTINGS } from '../../src/http/serve/config/server-config.ts';

describe('docs/reference/cli.md', () => {
  it('has an access file with which its examples run', () => {
    const page = readFileSync(new URL('../../../../docs/reference/cli.md', import.meta.url), 'utf8');
    const [, example = ''] = /`access\.yaml`:\n\n```yaml\n([\s\S]*?)```/.exec(page) ?? [];
    const folder = mkdtempSync(join(tmpdir(), 'fanfare-docs-'));
    try {
      const file = join(folder, 'access.yaml');
      writeFileSync(file, example);

      const read = readAccessFile(file, { TOKEN_SECRET: 'a secret of the backend, long enough for HS256' });

      expect(read).toMatchObject({ kind: 'read', access: { issuers: [{ issuer: 'backend' }] } });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('docs/reference/configuration.md', () => {
  it('has a row for every setting, with its flag, variables and expectation, and no other', () => {
    const page = readFileSync(new URL('../../../../docs/reference/configuration.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `(\w+)` \| `--([\w-]+)` \| (.+?) \| (.+?) \| (.+?) \|$/gm)].map((match) =>
      match.slice(1),
    );

    const expected = Object.entries(SETTINGS).map(([name, setting]) => [
      name,
      setting.flag,
      setting.env.map((variable) => `\`${variable}\``).join(', '),
      expect.stringContaining(typeof setting.fallback === 'object' ? '' : String(setting.fallback)),
      setting.expected,
    ]);

    expect(rows).toEqual(expected);
  });

  it("has an access file that is one, but for what is everybody's own", () => {
    const page = readFileSync(new URL('../../../../docs/reference/configuration.md', import.meta.url), 'utf8');
    const [, example = ''] = /^## The access file\n[\s\S]*?```yaml\n([\s\S]*?)```/m.exec(page) ?? [];
    const folder = mkdtempSync(join(tmpdir(), 'fanfare-docs-'));
    try {
      const [file, secret] = [join(folder, 'access.yaml'), join(folder, 'secret')];
      writeFileSync(secret, 'a secret between server and application');
      writeFileSync(file, example.replace('sha256:…', hashApiKey('key')).replace('/run/secrets/access', secret));

      const read = readAccessFile(file, { TOKEN_SECRET: 'a secret of the backend, long enough for HS256' });

      expect(read).toMatchObject({
        kind: 'read',
        access: { issuers: [{}, {}], apiKeys: [{ id: 'billing' }], authorize: [{}, {}] },
      });
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});

describe('the help of', () => {
  it.each([
    ['token', TOKEN_FLAGS, TOKEN_HELP],
    ['explain', EXPLAIN_FLAGS, EXPLAIN_HELP],
  ])('fanfare %s names every flag, and no other', (_, flags, help) => {
    const named = new Set([...help.matchAll(/--([a-z][a-z-]*)/g)].map(([, name]) => name));

    expect([...named].toSorted()).toEqual(Object.keys(flags).toSorted());
  });
});
