/** Devices that asked to score. Only a hash of a device's token is kept: a stolen database opens no court. */

import { createHash } from 'node:crypto';
import { integer, text } from '@fanfare-systems/edge';
import type { SqlDatabase, SqlRow, SqlStatement } from 'fanfare';

export type DeviceStatus = 'pending' | 'verified' | 'blocked';

export interface Device {
  readonly id: string;
  readonly name: string;
  readonly status: DeviceStatus;
  readonly createdAt: number;
}

/** Devices waiting for approval at a time; the oldest makes room, so that strangers cannot fill the disk. */
const MAX_PENDING = 200;

export class DeviceStore {
  readonly #all: SqlStatement;
  readonly #byId: SqlStatement;
  readonly #byToken: SqlStatement;
  readonly #insert: SqlStatement;
  readonly #setStatus: SqlStatement;
  readonly #trimPending: SqlStatement;

  constructor(database: SqlDatabase) {
    this.#all = database.prepare('SELECT * FROM scoreboard_devices ORDER BY created_at DESC, id LIMIT 1000');
    this.#byId = database.prepare('SELECT * FROM scoreboard_devices WHERE id = ?');
    this.#byToken = database.prepare('SELECT * FROM scoreboard_devices WHERE token_hash = ?');
    this.#insert = database.prepare(
      'INSERT INTO scoreboard_devices (id, name, token_hash, status, created_at) VALUES (?, ?, ?, ?, ?) ON CONFLICT DO NOTHING',
    );
    this.#setStatus = database.prepare('UPDATE scoreboard_devices SET status = ? WHERE id = ?');
    this.#trimPending = database.prepare(
      `DELETE FROM scoreboard_devices WHERE status = 'pending' AND id NOT IN (
         SELECT id FROM scoreboard_devices WHERE status = 'pending' ORDER BY created_at DESC, rowid DESC LIMIT ?)`,
    );
  }

  all(): readonly Device[] {
    return this.#all.all().map(parseDevice);
  }

  find(id: string): Device | undefined {
    return parsed(this.#byId.get(id));
  }

  findByToken(token: string): Device | undefined {
    return parsed(this.#byToken.get(hashOf(token)));
  }

  /** `token` null: the device of a user, known by its login. A device that exists already is left as it is. */
  insert(device: Device, token: string | null): void {
    const { id, name, status, createdAt } = device;
    this.#insert.run(id, name, token === null ? null : hashOf(token), status, createdAt);
    if (status === 'pending') this.#trimPending.run(MAX_PENDING);
  }

  setStatus(id: string, status: DeviceStatus): void {
    this.#setStatus.run(status, id);
  }
}

/** A token is 256 random bits: a plain hash cannot be guessed back, and a lookup by it leaks no timing worth having. */
function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('base64url');
}

function parsed(row: SqlRow | undefined): Device | undefined {
  return row === undefined ? undefined : parseDevice(row);
}

function parseDevice(row: SqlRow): Device {
  return {
    id: text(row, 'id'),
    name: text(row, 'name'),
    status: parseStatus(text(row, 'status')),
    createdAt: integer(row, 'created_at'),
  };
}

/** Anything unknown counts as blocked: a damaged row must not open a court. */
function parseStatus(value: string): DeviceStatus {
  return value === 'pending' || value === 'verified' ? value : 'blocked';
}
