/**
 * Who did what to the server, and who was refused what: two logs of the engine's own, so that they survive where events do, are
 * appended to and never changed, and are bounded. Refusals have a log to themselves: whoever is refused often must not be able to
 * push what an administrator did out of it.
 */
import { decodePosition, encodePosition, type Position } from '@fanfare/protocol';
import type { Broker, Clock, DenialFacts, Retention, StoredEvent } from '../core/index.ts';
import { searchTrail } from './audit-search.ts';
import { LineBudget } from './line-budget.ts';

export type TrailName = 'acts' | 'denials';

/** Something that was done. Never with a credential in it. */
export interface AuditAct {
  /** `user:7`, `key:ci`, `api-key`, `application`. */
  readonly actor: string;
  /** A few words with dashes: `disconnect`, `device-block`. */
  readonly action: string;
  /** What it was done to: `channel:court:1`, `user:7`. @default the server */
  readonly target?: string;
  /** Anything small that JSON can hold. */
  readonly details?: Readonly<Record<string, unknown>>;
}

/** One line of the trail. */
export interface AuditEntry {
  /** Wall clock, milliseconds. */
  readonly at: number;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly details?: unknown;
  /** Where to read on. */
  readonly position: string;
}

/** Which part of a trail, from the oldest on. */
export interface AuditRange {
  /** @default acts */
  readonly trail?: TrailName | undefined;
  /** A position of the same trail. @default so far back that the newest entries are read */
  readonly after?: string | undefined;
  /** 1 to 1000. @default 100 */
  readonly limit?: number | undefined;
}

/** Oldest first. `position`: the next `after`. `complete` false: what came after the given position is not kept any more. */
export interface AuditPage {
  readonly entries: readonly AuditEntry[];
  readonly position: string;
  readonly more: boolean;
  readonly complete: boolean;
}

/** What to look for in a trail, from the newest on. */
export interface AuditQuery {
  /** @default acts */
  readonly trail?: TrailName | undefined;
  /** Part of who acted, or was refused; case does not matter. @default anybody */
  readonly actor?: string | undefined;
  /** Part of what was done, to what, or of the code of a refusal. @default anything */
  readonly action?: string | undefined;
  /** Older than this entry, by its position. @default from the newest on */
  readonly before?: string | undefined;
  /** 1 to 1000. @default 100 */
  readonly limit?: number | undefined;
}

/** Newest first. `older`: the next `before`; undefined: nothing older fits. */
export interface AuditFindings {
  readonly entries: readonly AuditEntry[];
  readonly older: string | undefined;
}

export interface AuditTrailOptions {
  readonly broker: Pick<Broker, 'append' | 'read' | 'head'>;
  readonly clock: Pick<Clock, 'now'>;
  /** Told what could not be kept. */
  readonly onError: (error: unknown) => void;
}

/** No client can name them: the channel map has no names that begin so. */
const CHANNELS: Readonly<Record<TrailName, string>> = { acts: '_fanfare:audit', denials: '_fanfare:denials' };
const DAY_MS = 86_400_000;
/** So many entries, and no older. */
export const AUDIT_KEEP: { readonly [T in TrailName]: { readonly count: number; readonly days: number } } = {
  acts: { count: 10_000, days: 400 },
  denials: { count: 10_000, days: 30 },
};
const LIMIT = 100;
const MAX_LIMIT = 1000;
const MAX_TEXT = 256;
const MAX_DETAILS = 4096;

/** Who did what, and who was refused what: written by the server, and by an application through `act`. */
export class AuditTrail {
  readonly #options: AuditTrailOptions;
  readonly #budget = new LineBudget();

  constructor(options: AuditTrailOptions) {
    this.#options = options;
  }

  /** Resolves when it is kept, as safely as the engine keeps events; what it could not keep is told to `onError`. Never rejects. */
  async act({ actor, action, target = 'server', details }: AuditAct): Promise<void> {
    await this.#append('acts', { actor, action, target, ...(details === undefined ? {} : { details }) });
  }

  /** At most twenty a second; the next one says how many were left out. */
  denied({ code, identity, address, connection, channel, action = 'request', why }: DenialFacts): void {
    if (!this.#budget.take(this.#options.clock.now())) return;
    const suppressed = this.#budget.suppressed();
    const more = { code, why, address, connection, ...(suppressed === 0 ? {} : { suppressed }) };
    const actor = identity === undefined || identity === '' ? 'nobody' : `user:${identity}`;
    const target = channel === undefined ? 'server' : `channel:${channel}`;
    void this.#append('denials', { actor, action, target, details: more });
  }

  /** Rejects with EngineUnavailable, and with a RangeError for a position or limit that is none. */
  async read({ trail = 'acts', after, limit = LIMIT }: AuditRange = {}): Promise<AuditPage> {
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) throw new RangeError(`limit: 1 to ${MAX_LIMIT}`);
    const { broker } = this.#options;
    const channel = CHANNELS[trail];
    const head = await broker.head(channel);
    const from = after === undefined ? newest(head, limit) : positionOf(after);
    const wanted = { channel, retention: retentionOf(trail), limit };
    const page = await broker.read({ ...wanted, after: from });
    // Where it is not kept so far back, from the oldest that is.
    const found =
      page.kind === 'gap' && after === undefined ? await broker.read({ ...wanted, after: undefined }) : page;
    if (found.kind === 'gap') {
      return { entries: [], position: encodePosition(found.head), more: false, complete: false };
    }
    const entries = found.events.map(shown);
    const position = entries.at(-1)?.position ?? encodePosition(from ?? head);
    return { entries, position, more: found.more, complete: true };
  }

  /** Backwards from the newest, and only what is looked for. Rejects with EngineUnavailable, and with a RangeError for a position or limit that is none. */
  async search(query: AuditQuery = {}): Promise<AuditFindings> {
    const { trail = 'acts', before, limit = LIMIT, actor = '', action = '' } = query;
    if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) throw new RangeError(`limit: 1 to ${MAX_LIMIT}`);
    const who = actor.toLowerCase();
    const what = action.toLowerCase();
    const fits = ({ dataJson }: StoredEvent): boolean => {
      if (who === '' && what === '') return true;
      const entry = parseEntry(dataJson);
      const code: unknown = Object(entry.details).code;
      const said = [entry.action, entry.target, typeof code === 'string' ? code : ''].join('\n');
      return entry.actor.toLowerCase().includes(who) && said.toLowerCase().includes(what);
    };
    const { broker } = this.#options;
    const searched = { broker, channel: CHANNELS[trail], retention: retentionOf(trail), fits };
    const { events, older } = await searchTrail(searched, { before, limit });
    return { entries: events.map(shown), older };
  }

  async #append(trail: TrailName, entry: AuditAct): Promise<void> {
    try {
      const dataJson = encodeEntry(entry);
      const request = { channel: CHANNELS[trail], event: 'entry', dataJson, key: '', retention: retentionOf(trail) };
      await this.#options.broker.append(request);
    } catch (error) {
      this.#options.onError(error);
    }
  }
}

function shown({ dataJson, time, epoch, offset }: StoredEvent): AuditEntry {
  return { at: time, ...parseEntry(dataJson), position: encodePosition({ epoch, offset }) };
}

function retentionOf(trail: TrailName): Retention {
  const { count, days } = AUDIT_KEEP[trail];
  return { kind: 'window', count, ageMs: days * DAY_MS };
}

/** undefined: from the oldest. */
function newest({ epoch, offset }: Position, limit: number): Position | undefined {
  return offset <= limit ? undefined : { epoch, offset: offset - limit };
}

function positionOf(text: string): Position {
  const position = decodePosition(text);
  if (!position.ok) throw new RangeError('after: a position of this trail');
  return position.value;
}

/** Whatever a caller put into it, an entry is small. */
function encodeEntry({ actor, action, target = 'server', details }: AuditAct): string {
  const entry = { actor: clipped(actor), action: clipped(action), target: clipped(target) };
  const json = details === undefined ? undefined : JSON.stringify(details);
  if (json === undefined) return JSON.stringify(entry);
  return JSON.stringify({ ...entry, details: json.length > MAX_DETAILS ? { leftOut: json.length } : details });
}

function clipped(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}…` : text;
}

function parseEntry(json: string): Omit<AuditEntry, 'at' | 'position'> {
  const { actor, action, target, details }: Readonly<Record<string, unknown>> = Object(JSON.parse(json));
  const entry = { actor: String(actor), action: String(action), target: String(target) };
  return details === undefined ? entry : { ...entry, details };
}
