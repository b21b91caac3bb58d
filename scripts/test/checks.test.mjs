import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { cyclesOf, importsOf, objection } from '../check/import-rules.mjs';
import { brokenLinks, sectionsOf } from '../check/links.mjs';
import { problemsOf } from '../check/lock.mjs';
import { packedProblems } from '../check/packed.mjs';

describe('import rules', () => {
  it('find every kind of import and none in comments', () => {
    const source = `
      import type { A } from './a.ts';
      import {
        b,
        c } from '@fanfare/protocol';
      import 'node:fs';
      export { d } from './d.ts';
      // import './not.ts';
      /* import './neither.ts'; */
      const e = await import('./e.ts');
    `;
    expect(importsOf(source)).toEqual(['./a.ts', '@fanfare/protocol', 'node:fs', './d.ts', './e.ts']);
  });

  it.each([
    ['packages/protocol/src/a.ts', 'node:fs', undefined],
    ['packages/protocol/src/a.ts', 'fanfare', undefined],
    ['packages/server/src/core/hub.ts', '../engines/memory.ts', 'packages/server/src/engines/memory.ts'],
    ['packages/server/src/core/hub.ts', 'node:timers', undefined],
    ['packages/server/src/engines/a.ts', '../transports/sse/b.ts', 'packages/server/src/transports/sse/b.ts'],
    ['packages/client/src/a.ts', 'fanfare', undefined],
    ['systems/scoreboard/server/a.ts', 'fanfare/internal', undefined],
    ['systems/scoreboard/web/a.ts', 'fanfare', undefined],
    ['systems/scoreboard/rules/a.ts', '../server/b.ts', 'systems/scoreboard/server/b.ts'],
    ['packages/react/src/a.ts', 'left-pad', undefined],
    ['examples/node/a.ts', '@fanfare/testkit', undefined],
    ['examples/node/a.ts', '../../packages/client/src/index.ts', 'packages/client/src/index.ts'],
  ])('refuse that %s imports %s', (file, specifier, target) => {
    expect(objection(file, specifier, target)).toEqual(expect.any(String));
  });

  it.each([
    ['packages/server/src/core/hub.ts', './turn.ts', 'packages/server/src/core/turn.ts'],
    ['packages/server/src/engines/memory.ts', '../core/ports/broker.ts', 'packages/server/src/core/ports/broker.ts'],
    ['packages/server/src/fanfare.ts', './transports/sse/a.ts', 'packages/server/src/transports/sse/a.ts'],
    ['systems/scoreboard/server/a.ts', 'fanfare/http', undefined],
    ['packages/react/src/a.ts', 'react', undefined],
    ['examples/node/a.ts', '@fanfare/client', undefined],
  ])('allow that %s imports %s', (file, specifier, target) => {
    expect(objection(file, specifier, target)).toBeUndefined();
  });

  it('find a cycle of three files', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c']],
      ['c', ['a']],
      ['d', ['a']],
    ]);
    expect(cyclesOf(graph)).toEqual([['a', 'b', 'c', 'a']]);
  });
});

describe('the lock check', () => {
  it('misses an optional package and an address', () => {
    const lock = {
      packages: {
        '': {},
        'node_modules/tool': { optionalDependencies: { 'tool-linux': '1', 'tool-mac': '1' } },
        'node_modules/tool-linux': { resolved: 'https://somewhere.example/tool.tgz' },
      },
    };
    expect(problemsOf(lock)).toEqual([
      'node_modules/tool: optional tool-mac is not in the lock',
      'node_modules/tool-linux: holds an address',
    ]);
  });
});

describe('the check of what is published', () => {
  it('misses the licence and the source of a map, and finds what only a build needs', () => {
    const maps = {
      'dist/a.js.map': { sources: ['../src/a.ts'] },
      'dist/b.js.map': { sources: ['../src/b.ts'] },
      'dist/c.js.map': { sources: ['../src/c.ts'], sourcesContent: [''] },
    };
    const files = ['src/a.ts', 'dist/a.js', ...Object.keys(maps), 'dist/server.tsbuildinfo'];

    expect(packedProblems(files, (file) => JSON.stringify(maps[file]))).toEqual([
      'LICENSE is missing',
      'dist/b.js.map: its source ../src/b.ts is missing',
      'dist/server.tsbuildinfo: of use to a build only',
    ]);
    expect(packedProblems(['LICENSE', 'dist/a.js'], () => '')).toEqual([]);
  });
});

describe('the link check', () => {
  it('finds links to missing files and headings, and leaves code alone', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fanfare-links-'));
    const file = join(folder, 'a.md');
    writeFileSync(
      file,
      '# The Title\n[ok](#the-title) [no](#other) [gone](b.md) `[code](c.md)` [web](https://example.com)',
    );
    const broken = brokenLinks(file);
    rmSync(folder, { recursive: true });

    expect(broken).toEqual(['#other', 'b.md']);
  });

  it('knows what is cited of the protocol, and what of an RFC', () => {
    expect(sectionsOf('[PROTOCOL §5.11], (§6) and [§7.4, §8]; not RFC 9110 §8.8.3.2')).toEqual([
      '5.11',
      '6',
      '7.4',
      '8',
    ]);
  });
});
