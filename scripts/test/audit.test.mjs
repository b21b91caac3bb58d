import { expect, it } from 'vitest';
import { judge } from '../audit.mjs';

it('tells holes from nothing known, and from a registry that does not answer', () => {
  const hole = { name: 'left', severity: 'high', range: '<2' };

  expect(judge(JSON.stringify({ vulnerabilities: {} }))).toBe('clean');
  expect(judge(JSON.stringify({ vulnerabilities: { left: hole } }))).toEqual(['high: left <2']);
  expect(judge(JSON.stringify({ message: '405', error: { summary: 'audit endpoint returned an error' } }))).toBe(
    'unanswered',
  );
  expect(judge('')).toBe('unanswered');
});
