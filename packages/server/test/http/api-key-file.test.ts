/** The data folder and its key: made for their owner, and refused in one line where that is impossible. */
import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ensureDataFolder, keepApiKey, StartError } from '../../src/http/index.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fanfare-key-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the data folder', () => {
  it('is made with all that leads to it, for its owner only', () => {
    ensureDataFolder(join(folder, 'a', 'b', 'c'));

    for (const path of ['a', 'a/b', 'a/b/c']) expect(statSync(join(folder, path)).mode & 0o777).toBe(0o700);
  });

  it('that is there is left as it is', () => {
    mkdirSync(join(folder, 'there'), { mode: 0o755 });

    ensureDataFolder(join(folder, 'there'));
    ensureDataFolder(join(folder, 'there', '..', 'there', ''));

    expect(statSync(join(folder, 'there')).mode & 0o777).toBe(0o755);
  });

  it('below or at a file is refused', () => {
    writeFileSync(join(folder, 'file'), '');

    expect(() => ensureDataFolder(join(folder, 'file'))).toThrow(StartError);
    expect(() => ensureDataFolder(join(folder, 'file', 'data'))).toThrow(/cannot be made \(\w+\)/);
  });

  it('in /proc is refused at once: mkdir -p never came back from there', () => {
    expect(() => ensureDataFolder('/proc/x/y')).toThrow(/^the data folder \/proc\/x\/y cannot be made \(E[A-Z]+\)/);
    expect(() => keepApiKey('/proc/x')).toThrow(StartError);
  });
});

describe('the kept key', () => {
  it('is made once', () => {
    const made = keepApiKey(folder);

    expect(made).toMatchObject({ isNew: true, key: expect.stringMatching(/^ff_[\w-]{32}$/) });
    expect(keepApiKey(folder)).toEqual({ ...made, isNew: false });
  });

  it.each(['', '\n', 'two words', 'ü'])('cannot be %j', (content) => {
    writeFileSync(join(folder, 'api-key'), content);

    expect(() => keepApiKey(folder)).toThrow(/does not hold a key; delete it/);
  });
});
