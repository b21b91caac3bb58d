/**
 * One poll, from request to answer [PROTOCOL §15]: gathers what stood waiting, waits where there is nothing to tell, and
 * answers with exactly what its cursor claims.
 */
import { type CloseFrame, decodePosition, type ErrorCode, type Position } from '@fanfare/protocol';
import type { Credential, Hub } from '../../core/index.ts';
import type { ConnectionGate } from '../connection-gate.ts';
import type { ResumePoint } from '../resume.ts';
import { refusalOf } from './closings.ts';
import { type Gathered, Gathering } from './gathering.ts';
import type { PollLobby } from './lobby.ts';
import { type HeldAnswer, MAX_WAIT_MS, type PollRequest } from './request.ts';
import { PollTransport } from './transport.ts';

export interface PollOptions {
  readonly hub: Hub;
  readonly lobby: PollLobby;
  readonly gate: ConnectionGate;
  readonly request: PollRequest;
  readonly address: string;
  /** Of the client; undefined: nobody in particular. */
  readonly credential: Credential | undefined;
  /** When it began to be let in, or left with its last answer, as the hub counts disconnections. */
  readonly since: number;
  /** What an answer says now of the wires that may be used, as its tag has it; '': all of them. */
  readonly wires: () => string;
}

export type PollOutcome =
  | { readonly kind: 'answer'; readonly gathered: Gathered }
  /** The client has the answer already. */
  | { readonly kind: 'unchanged'; readonly held: HeldAnswer }
  /** `close`: with which the hub ended it. */
  | { readonly kind: 'refused'; readonly code: ErrorCode; readonly close?: CloseFrame }
  /** The client did not wait. */
  | { readonly kind: 'gone' };

export class Poll {
  readonly #options: PollOptions;
  #gathering: Gathering | undefined;
  #isGone = false;

  constructor(options: PollOptions) {
    this.#options = options;
  }

  /** The client has gone: everything is freed at once. */
  hungUp(): void {
    this.#isGone = true;
    this.#gathering?.transport.hungUp();
  }

  /** Never rejects for what a client or the engine does. */
  async run(): Promise<PollOutcome> {
    const { hub, request } = this.#options;
    const { channels, held, resume, waitMs, connection } = request;
    // Switched off while access was asked. A poll that waits already is answered, and told so.
    if (!hub.transports.allows('poll')) return { kind: 'refused', code: 'TRANSPORT_DISABLED' };
    const isAsItWas = this.#options.since === hub.disconnects.mark;
    if (held !== undefined && waitMs === 0 && isAsItWas && this.#isKnownToHold(held)) {
      return this.#noRoom(channels) ?? { kind: 'unchanged', held };
    }
    const failed = await this.#gather({
      channels,
      resume: held?.standing ?? resume,
      id: connection,
      since: this.#options.since,
    });
    const gathering = this.#gathering;
    if (failed !== undefined || gathering === undefined) return failed ?? { kind: 'gone' };
    const { transport } = gathering;
    const waits = waitMs > 0 && (held === undefined || this.#holds(held, gathering));
    if (waits && !transport.hasNews) await transport.changed();
    if (this.#isGone) return { kind: 'gone' };
    const refused = refusedBy(transport);
    if (refused !== undefined) return refused;
    if (held !== undefined && this.#holds(held, gathering)) {
      this.#end(gathering);
      return { kind: 'unchanged', held };
    }
    const begins = held === undefined || isSame(held, resume);
    return begins ? { kind: 'answer', gathered: this.#end(gathering) } : this.#gatherAnew(gathering);
  }

  /**
   * For a client whose answer is not where its URL begins: `before` brought what is new since that answer, while the URL
   * asks for everything from its beginning. Signals are in no history, so they are kept.
   */
  async #gatherAnew(before: Gathering): Promise<PollOutcome> {
    const { signals, withdrawn } = before.transport;
    const begin = this.#beginAnew(before);
    before.end();
    const failed = await this.#gather({ ...begin, id: before.connection.id, since: undefined });
    const gathering = this.#gathering;
    if (failed !== undefined || gathering === undefined) return failed ?? { kind: 'gone' };
    const gathered = this.#end(gathering);
    const events = [...signals, ...gathered.events];
    const subscriptions = [...gathered.subscriptions, ...withdrawn];
    return { kind: 'answer', gathered: { ...gathered, events, subscriptions } };
  }

  /** The channels that the connection has now, each from where the URL, or the command that added it, begins. */
  #beginAnew({ connection, transport }: Gathering): {
    readonly channels: readonly string[];
    readonly resume: ResumePoint;
  } {
    const { request } = this.#options;
    const resume = new Map<string, Position | 'invalid'>(request.resume);
    const channels = connection.closed
      ? request.channels
      : connection.subscriptions.map((subscription) => subscription.channel);
    for (const { channel, position = '' } of transport.subscribed) {
      const added = request.channels.includes(channel) ? undefined : decodePosition(position);
      if (added?.ok === true) resume.set(channel, added.value);
    }
    return { channels, resume };
  }

  /** The client gets an answer, and is likely to be back soon. */
  #end(gathering: Gathering): Gathered {
    const { id, identity } = gathering.connection;
    this.#options.lobby.left(id, { subject: identity, mark: this.#options.hub.disconnects.mark });
    return gathering.end();
  }

  /** undefined: what stood waiting is gathered. */
  async #gather(begin: Begin): Promise<PollOutcome | undefined> {
    if (this.#isGone) return { kind: 'gone' };
    const opened = this.#open(begin);
    if ('kind' in opened) return opened;
    this.#gathering = opened;
    const done = await opened.catchUp();
    if (this.#isGone) return { kind: 'gone' };
    if (done === 'caught-up') return undefined;
    opened.end();
    if (done !== 'closed') return { kind: 'refused', code: done.refused };
    // Ended by its age, the engine did not answer in all the time that the client gave it.
    return refusedBy(opened.transport) ?? { kind: 'refused', code: 'ENGINE_UNAVAILABLE' };
  }

  /** From the question whether there is room to the subscriptions nothing waits, so that nobody slips in between. */
  #open({ channels, resume, id, since }: Begin): Gathering | PollOutcome {
    const { hub, lobby, request, address, credential } = this.#options;
    const free = id === undefined ? undefined : this.#takeOver(id);
    const refused = this.#noRoom(channels);
    if (refused !== undefined) return refused;
    const maxAgeMs = request.waitMs > 0 ? request.waitMs : MAX_WAIT_MS;
    const gathering = new Gathering({ hub, channels, resume, maxAgeMs, address, credential, since, id: free });
    if (free !== undefined) lobby.back(free);
    return gathering;
  }

  #noRoom(channels: readonly string[]): PollOutcome | undefined {
    const { gate, credential, address } = this.#options;
    const code = gate.refuses({ identity: credential?.subject ?? '', address, channels });
    return code && { kind: 'refused', code };
  }

  /**
   * The id of an earlier answer is the client's as long as nobody else has it. A poll of the same client that still waits is
   * answered: the client has given it up, perhaps on a wire that is dead without our knowing.
   */
  #takeOver(id: string): string | undefined {
    const { hub, credential } = this.#options;
    const known = hub.connection(id);
    if (known === undefined) return id;
    if (!(known.delivery.transport instanceof PollTransport) || known.identity !== (credential?.subject ?? ''))
      return undefined;
    known.close('maxAge');
    return id;
  }

  /** As `#holds`, of channels that this server watches anyway: then it takes no connection, and half the time. */
  #isKnownToHold({ standing, wires }: HeldAnswer): boolean {
    const { hub } = this.#options;
    if (wires !== this.#options.wires()) return false;
    for (const [channel, position] of standing) if (!hub.isNewest(channel, position)) return false;
    return true;
  }

  /** Would the answer be the held one? */
  #holds({ standing, wires }: HeldAnswer, { connection, transport }: Gathering): boolean {
    if (transport.hasNews || wires !== this.#options.wires()) return false;
    const { standing: now } = transport;
    // A command has added a channel: the cursor that names it is news.
    for (const channel of now.keys()) if (!standing.has(channel)) return false;
    for (const [channel, { epoch, offset }] of standing) {
      const position = now.get(channel);
      const isGivenUp = position === undefined && connection.subscription(channel) === undefined;
      if (!isGivenUp && (position?.epoch !== epoch || position.offset !== offset)) return false;
    }
    return true;
  }
}

interface Begin {
  readonly channels: readonly string[];
  readonly resume: ResumePoint;
  readonly id: string | undefined;
  /** Of the hub's disconnections. undefined: who is put out was put out. */
  readonly since: number | undefined;
}

/** What is worth telling is told first, unless the client must not come back. */
function refusedBy({ closedWith, hasNews }: PollTransport): PollOutcome | undefined {
  if (closedWith === undefined) return undefined;
  const code = closedWith.reconnect && hasNews ? undefined : refusalOf(closedWith);
  return code && { kind: 'refused', code, close: closedWith };
}

/** Does the URL begin where the held answer ends? */
function isSame({ standing }: HeldAnswer, resume: ResumePoint): boolean {
  for (const [channel, { epoch, offset }] of standing) {
    const position = resume.get(channel);
    if (position === undefined || position === 'invalid') return false;
    if (position.epoch !== epoch || position.offset !== offset) return false;
  }
  return true;
}
