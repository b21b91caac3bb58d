/** GET /live/sse: who asks, for which channels, from where on [PROTOCOL §6.2]. A verdict is a status; anything passing is in-band. */
import { describeError, isErrorCode, MAX_CHANNELS_PER_CONNECTION, parseChannelName } from '@fanfare/protocol';
import { type AccessDecision, decideAccess } from '../../auth/access.ts';
import { type Authenticate, type Identity, identify } from '../../auth/identity.ts';
import type { ChannelRegistry, ResolvedChannel } from '../../channels/channel-map.ts';
import { errorOf, FanfareError } from '../../channels/fanfare-error.ts';
import { HttpError } from '../../http/errors.ts';
import type { Exchange } from '../../http/exchange.ts';
import { manyChannelsSse, oneChannelSse } from './encoding.ts';
import { writeStreamHead } from './response-head.ts';
import { resumePoint } from './resume.ts';
import { type SseStreams, type StreamRefusal, type StreamRequest, streamRefusal } from './streams.ts';

export interface SseEndpointOptions {
  readonly streams: SseStreams;
  readonly registry: ChannelRegistry;
  readonly authenticate: Authenticate | undefined;
  /** Told what failed on our side: an `authenticate` or access rule that throws, or answers nonsense. */
  readonly onError: (error: unknown) => void;
}

interface Asker {
  readonly identity: Identity | undefined;
  readonly address: string;
}

/** A handler for the router. */
export class SseEndpoint {
  readonly #options: SseEndpointOptions;

  constructor(options: SseEndpointOptions) {
    this.#options = options;
  }

  async handle(exchange: Exchange): Promise<void> {
    const { req, res } = exchange;
    const { query } = exchange;
    const channels = this.#resolve(requestedChannels(query));
    const encoding = channels.size === 1 ? oneChannelSse : manyChannelsSse;
    const asker = await this.#admit(exchange, channels);
    if ('close' in asker) {
      this.#options.streams.refuse(res, encoding, asker);
      return;
    }
    if (req.method === 'HEAD') {
      writeStreamHead(res);
      res.end();
      return;
    }
    const names = [...channels.keys()];
    const stream: StreamRequest = {
      channels: names,
      encoding,
      language: exchange.language,
      resume: resumePoint(req, query, names),
      handshake: { label: 'sse', address: exchange.address, identity: asker.identity?.subject ?? '' },
    };
    await this.#options.streams.open(req, res, stream);
  }

  #resolve(names: readonly string[]): ReadonlyMap<string, ResolvedChannel> {
    const channels = new Map<string, ResolvedChannel>();
    for (const name of names) {
      const resolved = this.#options.registry.find(name);
      if (resolved === undefined) throw new FanfareError('CHANNEL_UNKNOWN', { details: { channel: name } });
      channels.set(name, resolved);
    }
    return channels;
  }

  /** Throws the verdict. What passes with time (a limit, a fault of ours) comes back as a refusal for the stream. */
  async #admit(exchange: Exchange, channels: ReadonlyMap<string, ResolvedChannel>): Promise<Asker | StreamRefusal> {
    try {
      const asker = { identity: await identify(this.#options.authenticate, exchange.req), address: exchange.address };
      const denied = await firstDenied(channels, asker);
      if (denied?.status !== 429) return asker;
      const { close, message } = streamRefusal('RATE_LIMITED', exchange.language);
      return { code: denied.code, message: denied.message ?? message, close };
    } catch (error) {
      if (isVerdict(error)) throw error;
      this.#options.onError(error);
      return streamRefusal('INTERNAL', exchange.language);
    }
  }
}

type Denied = Extract<AccessDecision, { allow: false }>;

/** Throws where the answer is final. One channel decides for all: half of what a page needs would look like all of it. */
async function firstDenied(channels: ReadonlyMap<string, ResolvedChannel>, asker: Asker): Promise<Denied | undefined> {
  for (const [channel, { definition, pattern, params }] of channels) {
    const access = { pattern, rule: definition.access };
    const decision = await decideAccess(access, { action: 'subscribe', channel, params, ...asker });
    if (decision.allow) continue;
    if (decision.status === 429) return decision;
    throw verdict(channel, decision);
  }
  return undefined;
}

function requestedChannels(query: URLSearchParams): readonly string[] {
  const names = [...new Set(query.getAll('channel'))];
  if (names.length === 0) throw new FanfareError('CHANNEL_MISSING');
  if (names.length > MAX_CHANNELS_PER_CONNECTION) {
    throw new FanfareError('TOO_MANY_CHANNELS', { details: { limit: MAX_CHANNELS_PER_CONNECTION } });
  }
  for (const name of names) {
    const parsed = parseChannelName(name);
    if (!parsed.ok) throw errorOf(parsed.problem);
  }
  return names;
}

function verdict(channel: string, decision: Denied): HttpError {
  const { status, code, message } = decision;
  const known = isErrorCode(code)
    ? { en: describeError(code, 'en', { channel }), vi: describeError(code, 'vi', { channel }) }
    : code;
  return new HttpError({ status, code, message: message ?? known, details: { channel } });
}

/** A status that the client should take as final. */
function isVerdict(error: unknown): boolean {
  return (error instanceof HttpError || error instanceof FanfareError) && error.status < 500 && error.status !== 429;
}
