/** A data folder of its own for a test of the sqlite engine. */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppendRequest, SqliteEngine } from 'fanfare/internal';
import { sqlite } from 'fanfare/internal';

type Options = Omit<Exclude<Parameters<typeof sqlite>[0], string>, 'path'>;

export class SqliteFixture {
  readonly folder: string = mkdtempSync(join(tmpdir(), 'fanfare-sqlite-'));
  readonly path: string = join(this.folder, 'fanfare.db');
  #open: SqliteEngine[] = [];

  open(options: Options = {}): SqliteEngine {
    const engine = sqlite({ path: this.path, ...options });
    this.#open.push(engine);
    return engine;
  }

  /** Every file beside the lock, with its bytes. */
  bytes(): Map<string, string> {
    const names = readdirSync(this.folder).filter((name) => !name.endsWith('-lock'));
    return new Map(names.sort().map((name) => [name, readFileSync(join(this.folder, name)).toString('latin1')]));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const engine of this.#open) await engine.close();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function note(channel: string, content: unknown, more: Partial<AppendRequest> = {}): AppendRequest {
  return { channel, event: 'note', dataJson: JSON.stringify(content), key: '', retention: { kind: 'window' }, ...more };
}

/** The payloads kept of a channel, from the oldest. */
export async function kept(engine: SqliteEngine, channel: string): Promise<unknown[]> {
  const read = await engine.broker.read({ channel, retention: { kind: 'window' }, after: undefined, limit: 100_000 });
  return read.kind === 'events' ? read.events.map((event) => JSON.parse(event.dataJson)) : [read.cause];
}

export function count(engine: SqliteEngine, table: string): unknown {
  return engine.database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.['n'];
}
