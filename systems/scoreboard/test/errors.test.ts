/** The error table and its page agree. */
import { readFile } from 'node:fs/promises';
import { SCOREBOARD_ERRORS } from '@fanfare-systems/scoreboard';
import { expect, it } from 'vitest';

const PAGE = new URL('../../../docs/systems/scoreboard.md', import.meta.url);

it('names every code of the scoreboard in its document, with a message in both languages', async () => {
  const page = await readFile(PAGE, 'utf8');

  for (const [code, { status, en, vi }] of Object.entries(SCOREBOARD_ERRORS)) {
    expect(page, code).toContain(`\`${code}\``);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(vi).not.toBe(en);
  }
});
