/** The configuration page and the help say what the source says. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { SETTINGS } from '../../src/http/serve/config/server-config.ts';

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
});
