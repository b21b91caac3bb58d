/** Writes rows and events in one transaction each, as fast as it can, until it is killed; one line per ack. */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { sqlite } from 'fanfare/internal';

const [place = '', , round = '0'] = process.argv.slice(2);
const engine = sqlite(join(place, 'fanfare.db'));
engine.database.exec('CREATE TABLE IF NOT EXISTS ledger (id INTEGER PRIMARY KEY, value TEXT NOT NULL)');
const insert = engine.database.prepare('INSERT INTO ledger (value) VALUES (?)');

async function lane(name) {
  for (let n = 0; ; n += 1) {
    const value = `${round}-${name}-${n}`;
    const { position } = await engine.transaction((tx) => {
      insert.run(value);
      return tx.append({
        channel: 'ledger',
        event: 'entry',
        dataJson: JSON.stringify(value),
        key: '',
        retention: { kind: 'window' },
      });
    });
    writeSync(1, `${JSON.stringify({ channel: 'ledger', value, ...position })}\n`);
  }
}

await Promise.all(Array.from({ length: 20 }, (_, name) => lane(name)));
