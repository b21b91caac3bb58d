/** What a poll asks for: channels, where the client stands, how long it waits, and what it has already [PROTOCOL §15.1]. */
import type { Position } from '@fanfare/protocol';
import type { ResolvedChannel } from '../../channels/channel-map.ts';
import { refuseField } from '../../http/errors.ts';
import type { Exchange } from '../../http/exchange.ts';
import { type NamedChannels, type ResumePoint, readCursor, resumePoint } from '../resume.ts';
import type { Standing } from './transport.ts';

/** Below what proxies take for a dead connection, 30 s at the shortest. */
export const MAX_WAIT_MS = 25_000;

export interface PollRequest {
  /** Distinct, at most 128, each with a definition. */
  readonly channels: readonly string[];
  /** Where the answer begins. */
  readonly resume: ResumePoint;
  /** The answer that the client has already, and takes again only when it would differ. */
  readonly held: HeldAnswer | undefined;
  /** 0: do not wait for what there is not yet. */
  readonly waitMs: number;
  /** The id that an earlier answer gave. */
  readonly connection: string | undefined;
  /** The answer depends on what the request says beside its URL, or tells what is kept nowhere: no cache may repeat it. */
  readonly isOnce: boolean;
}

/** What an `ETag` of ours stands for. */
export interface HeldAnswer {
  /** Every channel that has positions is in it. */
  readonly standing: Standing;
  /** The wires that it named, as `wiresMark` writes them. */
  readonly wires: string;
}

const WAIT = /^\d{1,9}(?:\.\d{1,9})?$/;
const CONNECTION_ID = /^[A-Za-z0-9_-]{16,128}$/;
/** Tags that are looked at: a client has one of ours, and a cache before it few; a list of thousands is work for nothing. */
const MAX_TAGS = 8;
const ENTITY_TAG = /^(?:W\/)?"([A-Za-z0-9._~-]*)(?:!([a-z.]*))?"$/;

/** Throws FIELD_INVALID. A cursor or tag that is not ours is no error: see resumePoint. */
export function readPollRequest(
  exchange: Exchange,
  asked: {
    readonly query: URLSearchParams;
    readonly named: NamedChannels;
    readonly channels: ReadonlyMap<string, ResolvedChannel>;
  },
): PollRequest {
  const { query, named, channels } = asked;
  const names = [...named.keys()];
  const byUrl = resumePoint(named, { cursor: query.get('cursor') });
  const tag = readTag(exchange.header('if-none-match'), names);
  const resume = new Map(byUrl);
  const standing = new Map<string, Position>();
  let isOnce = names.length === 0;
  let covers = tag !== undefined;
  for (const [name, { definition }] of channels) {
    const position = tag?.positions.get(name);
    if (definition.kind === 'signal') isOnce = true;
    else if (position === undefined || position === 'invalid') covers = false;
    else standing.set(name, position);
    if (definition.kind !== 'log' || byUrl.has(name)) continue;
    // To begin now would lose in silence what was published since the answer that the client says it has.
    if (position !== undefined) resume.set(name, position);
    isOnce = true;
  }
  return {
    channels: names,
    ...{ resume, isOnce },
    held: tag !== undefined && covers ? { standing, wires: tag.wires } : undefined,
    waitMs: exchange.req.method === 'HEAD' ? 0 : waitMs(query.get('wait') ?? ''),
    connection: connectionId(query.get('connection') ?? ''),
  };
}

/** The tag of an answer: its cursor, and which wires it named where the operator restricts them. */
export function entityTag(cursor: string, wires: string): string {
  return wires === '' ? `"${cursor}"` : `"${cursor}!${wires}"`;
}

interface Tag {
  readonly positions: ResumePoint;
  readonly wires: string;
}

/** The first of the tags that is one of ours, among those at the beginning. */
function readTag(ifNoneMatch: string | undefined, names: readonly string[]): Tag | undefined {
  for (const text of (ifNoneMatch ?? '').split(',', MAX_TAGS)) {
    const match = ENTITY_TAG.exec(text.trim());
    if (match === null) continue;
    const positions = readCursor(match[1] ?? '', names);
    if (![...positions.values()].includes('invalid')) return { positions, wires: match[2] ?? '' };
  }
  return undefined;
}

function waitMs(text: string): number {
  if (text === '') return 0;
  if (!WAIT.test(text)) return refuseField('wait', 'seconds, such as 25', text);
  return Math.min(MAX_WAIT_MS, Math.ceil(Number(text) * 1000));
}

function connectionId(text: string): string | undefined {
  if (text === '') return undefined;
  return CONNECTION_ID.test(text) ? text : refuseField('connection', 'the connection of an earlier answer', text);
}
