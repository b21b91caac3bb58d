/** What `npm start` prints, for every way in which it can have started. */
import type { KeptKey } from 'fanfare/http';
import { describe, expect, it } from 'vitest';
import { type WelcomeFacts, welcome } from '../server/welcome.ts';

const KEPT: KeptKey = { key: 'ff_secret', path: 'data/api-key', isNew: false, isExposed: false };

const FACTS: WelcomeFacts = {
  url: 'http://localhost:3001',
  dataFolder: './data',
  keptKey: KEPT,
  isFirst: false,
  demoUsers: [{ username: 'admin', name: 'Hà', roles: ['admin'] }],
  newCourts: [],
  isTerminal: true,
  styled: false,
};

describe('welcome', () => {
  it('fits a terminal of 100 columns, but for the command to paste', () => {
    const lines = welcome(FACTS).split('\n');

    for (const line of lines.filter((text) => !text.includes('curl')))
      expect(line.length, line).toBeLessThanOrEqual(100);
  });

  it('lists every page that has no system to list it, and says whose the audit is', () => {
    for (const path of ['/', '/scoreboard', '/inbox', '/rooms', '/components', '/audit'])
      expect(welcome(FACTS)).toContain(`http://localhost:3001${path} `);
    expect(welcome(FACTS)).toMatch(/\/audit +for admins/);
  });

  it('shows the demo users once', () => {
    expect(welcome({ ...FACTS, isFirst: true })).toContain('admin: password demo');
    expect(welcome(FACTS)).not.toContain('password demo');
    expect(welcome(FACTS)).toContain('on http://localhost:3001/, one click each');
    expect(welcome({ ...FACTS, isFirst: true, demoUsers: [] })).not.toContain('password demo');
  });

  it('shows a key that was just made, or not shown yet, and later only where it is', () => {
    expect(welcome({ ...FACTS, isFirst: true })).toContain('ff_secret');
    expect(welcome({ ...FACTS, keptKey: { ...KEPT, isNew: true } })).toContain('ff_secret');
    expect(welcome(FACTS)).not.toContain('ff_secret');
    expect(welcome(FACTS)).toContain('X-API-Key: $(cat data/api-key)');
  });

  it('shows where a key is, and not the key, to what is no terminal: it is kept there', () => {
    for (const keptKey of [KEPT, { ...KEPT, isNew: true }]) {
      const said = welcome({ ...FACTS, keptKey, isFirst: true, isTerminal: false });

      expect(said).not.toContain('ff_secret');
      expect(said).toContain('API key   in data/api-key');
      expect(said).toContain('X-API-Key: $(cat data/api-key)');
    }
  });

  it('never shows a key that was configured', () => {
    expect(welcome({ ...FACTS, keptKey: undefined })).toContain('X-API-Key: $FANFARE_API_KEY');
  });

  it('quotes a path that a shell would split', () => {
    const keptKey = { ...KEPT, path: "/home/hà's data/api-key" };

    expect(welcome({ ...FACTS, keptKey })).toContain(`$(cat '/home/hà'\\''s data/api-key')`);
  });

  it('warns of a key that others can read', () => {
    expect(welcome({ ...FACTS, keptKey: { ...KEPT, isExposed: true } })).toContain('chmod 600 data/api-key');
  });

  it('uses colours only where it is told to', () => {
    expect(welcome(FACTS)).not.toContain('\u001b');
    expect(welcome({ ...FACTS, styled: true })).toContain('\u001b[1m');
  });
});
