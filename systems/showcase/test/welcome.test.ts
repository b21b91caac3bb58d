/** What `npm start` prints, for every way in which it can have started. */
import { describe, expect, it } from 'vitest';
import { welcome } from '../server/welcome.ts';

const FACTS = {
  url: 'http://localhost:3001',
  dataFolder: './data',
  keptKey: { key: 'ff_secret', path: 'data/api-key', isNew: false, isExposed: false },
  newUsers: [],
  newCourts: [],
  styled: false,
};

describe('welcome', () => {
  it('fits a terminal of 100 columns, but for the command to paste', () => {
    const lines = welcome(FACTS).split('\n');

    for (const line of lines.filter((text) => !text.includes('curl')))
      expect(line.length, line).toBeLessThanOrEqual(100);
  });

  it('shows a key that was just made, and later only where it is', () => {
    expect(welcome({ ...FACTS, keptKey: { ...FACTS.keptKey, isNew: true } })).toContain('ff_secret');
    expect(welcome(FACTS)).not.toContain('ff_secret');
    expect(welcome(FACTS)).toContain('X-API-Key: $(cat data/api-key)');
  });

  it('never shows a key that was configured', () => {
    expect(welcome({ ...FACTS, keptKey: undefined })).toContain('X-API-Key: $FANFARE_API_KEY');
  });

  it('quotes a path that a shell would split', () => {
    const keptKey = { ...FACTS.keptKey, path: "/home/hà's data/api-key" };

    expect(welcome({ ...FACTS, keptKey })).toContain(`$(cat '/home/hà'\\''s data/api-key')`);
  });

  it('warns of a key that others can read', () => {
    expect(welcome({ ...FACTS, keptKey: { ...FACTS.keptKey, isExposed: true } })).toContain('chmod 600 data/api-key');
  });

  it('uses colours only where it is told to', () => {
    expect(welcome(FACTS)).not.toContain('\u001b');
    expect(welcome({ ...FACTS, styled: true })).toContain('\u001b[1m');
  });
});
