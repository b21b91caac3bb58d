/**
 * The life of a subscription from request to live [PROTOCOL §6]: attach, learn where the channel stands, say from where
 * delivery is complete, replay what was missed, go live. All or nothing: either the whole gap is replayed, or the client
 * is told that events are lost and starts at the newest.
 */
import { encodePosition, type GapCause, type Position, type SubscribedFrame } from '@fanfare/protocol';
import type { ChannelTable } from './channel-table.ts';
import type { Connection } from './connection.ts';
import type { Disconnects } from './disconnects.ts';
import type { FramedEvent } from './framed-event.ts';
import type { RefusalCode, SubscribeOptions, SubscribeOutcome } from './handshake.ts';
import type { HubEventStream } from './hub-events.ts';
import type { LimitHits } from './limit-hits.ts';
import type { HubLimits } from './limits.ts';
import type { LiveChannel } from './live-channel.ts';
import { mergeReplay } from './merge.ts';
import { replayEach, replayShared } from './replay.ts';
import type { HistoryPage } from './replays.ts';
import { Subscription } from './subscription.ts';

/** It has no position to begin at. */
const SIGNAL: Start = { kind: 'signal' };

export interface SubscribeDeps {
  readonly channels: ChannelTable;
  readonly limits: HubLimits;
  readonly events: HubEventStream;
  readonly hits: LimitHits;
  readonly disconnects: Disconnects;
}

/** One subscription on its way to live. */
export interface Joining {
  readonly connection: Connection;
  readonly channel: LiveChannel;
  readonly subscription: Subscription;
}

type EventsPage = Extract<HistoryPage, { readonly kind: 'events' }>;

/** Where delivery begins: `history` is a page already read from the broker, the start of what was missed. */
type Start =
  | { readonly kind: 'signal' }
  | { readonly kind: 'fresh'; readonly position: Position }
  | { readonly kind: 'recovered'; readonly position: Position; readonly history?: EventsPage }
  | { readonly kind: 'lost'; readonly position: Position; readonly cause: GapCause };

/** Never rejects. What memory can answer stands when this returns: of a crowd, nearly everybody comes for what others watch. */
export function subscribe(
  deps: SubscribeDeps,
  connection: Connection,
  request: SubscribeOptions & { readonly channel: string },
): SubscribeOutcome | Promise<SubscribeOutcome> {
  const joining = join(deps, connection, request);
  if (!('subscription' in joining)) return joining;
  const start = joining.channel.isOpen ? planStart(joining.channel, request.position) : undefined;
  return start === undefined ? subscribeWhenKnown(deps, joining, request) : stand(deps, joining, { request, start });
}

/** The engine has to say where the channel stands, or what was missed. */
async function subscribeWhenKnown(
  deps: SubscribeDeps,
  joining: Joining,
  request: SubscribeOptions & { readonly channel: string },
): Promise<SubscribeOutcome> {
  const { channel, subscription } = joining;
  try {
    if (!channel.isOpen) await openWhole(joining);
    const { position } = request;
    const start = planStart(channel, position) ?? (await readStart(joining, position));
    return subscription.attached ? stand(deps, joining, { request, start }) : { kind: 'refused', code: 'CLOSED' };
  } catch (error) {
    deps.events.emit({ kind: 'engine-failed', channel: request.channel, error });
    return refuse(deps, joining, 'ENGINE_UNAVAILABLE');
  }
}

/** Brings a subscription that lost its tail in memory back to live, from where it stands. Never rejects. */
export function resume(deps: SubscribeDeps, joining: Joining): Promise<void> {
  joining.subscription.live = false;
  return catchUpOrClose(deps, joining);
}

function join(
  deps: SubscribeDeps,
  connection: Connection,
  { channel: name, since }: SubscribeOptions & { readonly channel: string },
): Joining | SubscribeOutcome {
  if (connection.closed) return { kind: 'refused', code: 'CLOSED' };
  if (connection.subscription(name) !== undefined) return { kind: 'subscribed' };
  const refusal = (code: RefusalCode): SubscribeOutcome => {
    deps.events.emit({ kind: 'subscribe-refused', connection: connection.id, channel: name, code });
    return { kind: 'refused', code };
  };
  const over = (limit: string): void =>
    deps.hits.hit(limit, { connection: connection.id, address: connection.address, channel: name });
  if (connection.subscriptions.length >= deps.limits.maxChannelsPerConnection) {
    over('maxChannelsPerConnection');
    return refusal('TOO_MANY_CHANNELS');
  }
  const reached = deps.disconnects.reached(since, connection, name);
  if (reached !== 'spared') return refusal(reached === 'ended' ? 'FORBIDDEN' : 'TOO_MANY_CONNECTIONS');
  const rule = deps.channels.rule(name);
  if (rule === undefined) return refusal('CHANNEL_UNKNOWN');
  const full = (deps.channels.get(name)?.subscribers.length ?? 0) >= rule.maxSubscribers;
  const channel = full ? undefined : deps.channels.acquire(name);
  if (channel === undefined) {
    over('maxSubscribers');
    return refusal('TOO_MANY_CONNECTIONS');
  }
  const subscription = new Subscription(connection.delivery, name, rule.kind);
  channel.attach(subscription);
  connection.add(subscription);
  return { connection, channel, subscription };
}

function refuse(deps: SubscribeDeps, joining: Joining, code: RefusalCode): SubscribeOutcome {
  const { connection, channel, subscription } = joining;
  // Given up meanwhile, and perhaps subscribed anew: that one is another subscription.
  if (!subscription.attached) return { kind: 'refused', code: 'CLOSED' };
  connection.drop(subscription);
  deps.events.emit({ kind: 'subscribe-refused', connection: connection.id, channel: channel.name, code });
  return { kind: 'refused', code };
}

/** Says where the subscription begins, and begins: live at once, or behind what was missed. */
function stand(
  deps: SubscribeDeps,
  joining: Joining,
  { request, start }: { readonly request: SubscribeOptions; readonly start: Start },
): SubscribeOutcome {
  const { connection, channel, subscription } = joining;
  const { kind } = channel.rule;
  if (start.kind !== 'signal') connection.startAt(subscription, start.position);
  const frame = announce(deps, joining, { id: request.id, start });
  if (start.kind === 'signal') {
    subscription.live = true;
    return { kind: 'subscribed', frame };
  }
  if (request.always === true && kind === 'state') subscription.accepted = 0;
  const history = start.kind === 'recovered' ? start.history : undefined;
  // Nearly everybody comes for what is new, or has missed what others have missed: nothing is left to be waited for.
  const isReplayed = !channel.isNewest(subscription.position) && replayAtOnce(joining, history);
  if (channel.isNewest(subscription.position)) {
    subscription.live = true;
    return { kind: 'subscribed', frame };
  }
  // Not awaited: the subscription stands, however long a slow peer takes for its history.
  return { kind: 'subscribed', frame, caughtUp: catchUpOrClose(deps, joining, isReplayed ? undefined : history) };
}

/** A state begins before its value, not at it: a client cut before the value arrives must get it on its return. */
function beginning({ head, rule }: LiveChannel): Position {
  return rule.kind === 'state' ? { epoch: head.epoch, offset: 0 } : head;
}

/** Decides without reading where memory suffices; undefined: the broker must say. */
function planStart(channel: LiveChannel, position: SubscribeOptions['position']): Start | undefined {
  if (channel.rule.kind === 'signal') return SIGNAL;
  const { head } = channel;
  if (position === undefined) return { kind: 'fresh', position: beginning(channel) };
  if (position === 'invalid') return { kind: 'lost', position: beginning(channel), cause: 'invalid' };
  // Ahead of what was heard here, or of another history, it is not yet so for the engine: the client may come from another server.
  return position.offset <= head.offset && channel.holdsAfter(position) ? { kind: 'recovered', position } : undefined;
}

/** Asks the broker for the first page of what was missed, or whether its history is the one that is known here. */
async function readStart(joining: Joining, after: SubscribeOptions['position']): Promise<Start> {
  const { channel } = joining;
  if (after === undefined || after === 'invalid') return { kind: 'fresh', position: beginning(channel) };
  if (after.epoch !== channel.head.epoch) {
    if ((await channel.freshEpoch()) !== after.epoch) return lost(joining, 'epoch');
    await openWhole(joining);
    const start = planStart(channel, after);
    if (start !== undefined) return start;
  }
  const page = await channel.pageAfter(after);
  if (page.kind === 'gap') return lost(joining, page.cause);
  return { kind: 'recovered', position: after, history: page };
}

/** With the newest of the history that there is: the engine may have said just now that it is another. */
async function lost(joining: Joining, cause: GapCause): Promise<Start> {
  await openWhole(joining);
  return { kind: 'lost', position: beginning(joining.channel), cause };
}

async function openWhole({ channel, subscription }: Joining): Promise<void> {
  while (!channel.isOpen && subscription.attached) await channel.open();
}

/** Says that the subscription stands, before its first event. */
function announce(
  deps: SubscribeDeps,
  { connection, channel }: Joining,
  { id, start }: { readonly id: number | undefined; readonly start: Start },
): SubscribedFrame {
  const { name, rule } = channel;
  const recovered = start.kind === 'recovered' ? true : start.kind === 'lost' ? false : undefined;
  const frame: SubscribedFrame = {
    type: 'subscribed',
    ...(id === undefined ? {} : { id }),
    channel: name,
    kind: rule.kind,
    ...(start.kind === 'signal' ? {} : { position: encodePosition(start.position) }),
    ...(recovered === undefined ? {} : { recovered }),
    ...(start.kind === 'lost' ? { cause: start.cause } : {}),
  };
  connection.control(frame);
  const about = { connection: connection.id, channel: name };
  deps.events.emit({
    kind: 'subscribed',
    ...about,
    ...(recovered === undefined ? {} : { recovered }),
    ...(start.kind === 'recovered' ? { position: encodePosition(start.position) } : {}),
  });
  if (start.kind === 'lost') deps.events.emit({ kind: 'history-lost', ...about, cause: start.cause });
  return frame;
}

/** The first of what was missed, in the bytes that everybody gets who comes from there; false, and nothing done: there are none. */
function replayAtOnce({ connection, channel, subscription }: Joining, history: EventsPage | undefined): boolean {
  const shared = history === undefined ? channel.replayAfter(subscription.position) : history.batch;
  return shared !== undefined && connection.delivery.replayShared(subscription, shared);
}

async function catchUpOrClose(deps: SubscribeDeps, joining: Joining, history?: EventsPage): Promise<void> {
  try {
    await catchUp(joining, history);
  } catch (error) {
    deps.events.emit({ kind: 'engine-failed', channel: joining.channel.name, error });
    joining.connection.close('engineUnavailable');
  }
}

/**
 * Replays until the subscription stands on the channel's newest, then makes it live in that same turn: nothing can come
 * between the last look and `live = true`. Ends early when the subscription does. `history`: a page already read.
 */
async function catchUp(joining: Joining, history: EventsPage | undefined): Promise<void> {
  const { connection, channel, subscription } = joining;
  for (let page = history; subscription.attached; ) {
    const shared = page === undefined ? channel.replayAfter(subscription.position) : page.batch;
    if (shared !== undefined) await replayShared(connection.delivery, subscription, shared);
    else await replayMerged(joining, page?.events ?? []);
    if (!subscription.attached) return;
    if (channel.isNewest(subscription.position)) {
      subscription.live = true;
      return;
    }
    page = channel.holdsAfter(subscription.position) ? undefined : await readPage(joining);
  }
}

async function replayMerged(joining: Joining, history: readonly FramedEvent[]): Promise<void> {
  const { connection, channel, subscription } = joining;
  const contiguous = channel.rule.kind === 'log';
  const { epoch } = subscription;
  const tail = channel.heldAfter({ epoch, offset: history.at(-1)?.event.offset ?? subscription.accepted });
  const merged = mergeReplay({ after: subscription.accepted, history, tail, contiguous });
  if (merged.kind === 'hole') connection.close('engineUnavailable');
  else await replayEach(connection.delivery, subscription, { events: merged.events, snapshot: !contiguous });
}

/**
 * The next page of history. A gap here means that it was trimmed faster than the peer could read it, or that the engine
 * has lost it: the client is told which when it comes back.
 */
async function readPage(joining: Joining): Promise<EventsPage | undefined> {
  const { connection, channel, subscription } = joining;
  await channel.open();
  if (channel.holdsAfter(subscription.position)) return undefined;
  const page = await channel.pageAfter(subscription.position);
  if (page.kind === 'events') return page;
  connection.close(page.cause === 'trimmed' ? 'slowConsumer' : 'engineUnavailable');
  return undefined;
}
