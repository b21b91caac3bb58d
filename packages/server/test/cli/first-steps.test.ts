/** What is said of a key that was just made: all of it to a person, and to a log where it is. */
import { expect, it } from 'vitest';
import { firstSteps } from '../../src/cli/first-steps.ts';

const kept = { key: 'ff_made', path: "/home/hà's/api-key" };

it('shows the key once to a terminal, with a command that reads it from its file', () => {
  const shown = firstSteps({ port: 3001, kept, isTerminal: true });

  expect(shown.split('ff_made').length - 1).toBe(1);
  expect(shown).toContain(`-H "X-API-Key: $(cat '/home/hà'\\''s/api-key')"`);
});

it('shows it to nothing else', () => {
  const shown = firstSteps({ port: 3001, kept, isTerminal: false });

  expect(shown).not.toContain('ff_made');
  expect(shown).toContain("is kept in /home/hà's/api-key.");
});
