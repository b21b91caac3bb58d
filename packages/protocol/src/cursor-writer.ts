/** Keeps the cursor of one connection up to date; only what moved since the last `text()` is written anew [PROTOCOL §3.3]. */
import { channelHash } from './channel-hash.ts';
import { CURSOR_VERSION, EPOCH, MAX_CHANNELS_PER_CONNECTION, MAX_CURSOR_EPOCHS } from './cursor.ts';
import type { Position } from './position.ts';

interface Entry {
  /** `.hhhhhhhh`, made once per channel. */
  readonly prefix: string;
  block: Block | undefined;
}

/** A few channels of one epoch, whose text is kept until one of them moves: a step costs one block, not all channels. */
interface Block {
  readonly group: Group;
  readonly entries: Map<Entry, string>;
  text: string | undefined;
}

interface Group {
  readonly epoch: string;
  readonly blocks: Set<Block>;
}

/** Measured at 128 channels: 16 to a block is the cheapest, a third of the cost of none. */
const BLOCK_SIZE = 16;

/**
 * Stands for a position whose epoch has no room: no history ever reaches it, so that the subscriber is told `lost`. Leaving
 * the channel out instead would lose its events in silence.
 */
const UNREACHABLE = Number.MAX_SAFE_INTEGER;

/** For a connection whose channels move one by one. Its text is always one that `decodeCursor` takes. */
export class CursorWriter {
  readonly #entries = new Map<string, Entry>();
  readonly #groups = new Map<string, Group>();

  /** @throws RangeError beyond 128 channels, TypeError on an epoch outside its alphabet. */
  set(channel: string, position: Position): void {
    const entry = this.#entries.get(channel) ?? this.#add(channel);
    if (entry.block?.group.epoch !== position.epoch) this.#leave(entry);
    entry.block ??= openBlock(this.#group(position.epoch));
    const { block } = entry;
    const offset = block.group.epoch === position.epoch ? position.offset : UNREACHABLE;
    block.entries.set(entry, entry.prefix + offset.toString(36));
    block.text = undefined;
  }

  delete(channel: string): void {
    const entry = this.#entries.get(channel);
    if (entry === undefined) return;
    this.#entries.delete(channel);
    this.#leave(entry);
  }

  /** '' when there is no position to tell. */
  text(): string {
    if (this.#groups.size === 0) return '';
    let text = CURSOR_VERSION;
    for (const { epoch, blocks } of this.#groups.values()) {
      text += `~${epoch}`;
      for (const block of blocks) {
        block.text ??= [...block.entries.values()].join('');
        text += block.text;
      }
    }
    return text;
  }

  #add(channel: string): Entry {
    if (this.#entries.size >= MAX_CHANNELS_PER_CONNECTION) {
      throw new RangeError(`A cursor holds at most ${MAX_CHANNELS_PER_CONNECTION} channels.`);
    }
    const entry: Entry = { prefix: `.${channelHash(channel)}`, block: undefined };
    this.#entries.set(channel, entry);
    return entry;
  }

  /** The group of the epoch; when there is no room for one more, any. */
  #group(epoch: string): Group {
    const known = this.#groups.get(epoch);
    if (known !== undefined) return known;
    if (!EPOCH.test(epoch))
      throw new TypeError(`An epoch is 1 to 16 letters and digits, got ${JSON.stringify(epoch)}.`);
    const [first] = this.#groups.size < MAX_CURSOR_EPOCHS ? [] : this.#groups.values();
    if (first !== undefined) return first;
    const group: Group = { epoch, blocks: new Set() };
    this.#groups.set(epoch, group);
    return group;
  }

  #leave(entry: Entry): void {
    const { block } = entry;
    if (block === undefined) return;
    entry.block = undefined;
    block.entries.delete(entry);
    block.text = undefined;
    if (block.entries.size === 0) block.group.blocks.delete(block);
    if (block.group.blocks.size === 0) this.#groups.delete(block.group.epoch);
  }
}

/** All at once. @throws as `CursorWriter.set` */
export function encodeCursor(positions: ReadonlyMap<string, Position>): string {
  const writer = new CursorWriter();
  for (const [channel, position] of positions) writer.set(channel, position);
  return writer.text();
}

function openBlock(group: Group): Block {
  for (const block of group.blocks) if (block.entries.size < BLOCK_SIZE) return block;
  const block: Block = { group, entries: new Map(), text: undefined };
  group.blocks.add(block);
  return block;
}
