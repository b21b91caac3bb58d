/** GET /live/sse: who asks, for which channels, from where on [PROTOCOL §6.2]. A verdict is a status; anything passing is in-band. */
import type { IncomingMessage } from 'node:http';
import type { Identity } from '../../auth/identity.ts';
import type { ResolvedChannel } from '../../channels/channel-map.ts';
import type { Encoding, HubLimits } from '../../core/index.ts';
import { isUnexpected, toHttpError } from '../../http/errors.ts';
import type { RequestHead } from '../../http/request-head.ts';
import type { WireLimits } from '../../http/wire-limits.ts';
import { type Admission, type Asker, isVerdict } from '../admission.ts';
import type { ConnectionGate } from '../connection-gate.ts';
import { isRefusalReason, passingRefusal, type Refusal } from '../refusal.ts';
import { type NamedChannels, namedChannels, resumePoint } from '../resume.ts';
import { manyChannelsSse, oneChannelSse, plainSse } from './encoding.ts';
import { writeStreamHead } from './response-head.ts';
import type { SseStreams } from './streams.ts';
import type { StreamExchange } from './wire.ts';

export interface SseEndpointOptions {
  readonly streams: SseStreams;
  readonly admission: Admission;
  readonly gate: ConnectionGate;
  readonly limits: Pick<HubLimits & WireLimits, 'maxChannelsPerConnection' | 'unauthenticatedMs'>;
  /** Who asks; rejects with what the application throws. */
  readonly identify: (request: IncomingMessage) => Promise<Identity | undefined>;
  /** Is there nothing in the request that could say whose it is? Then `identify` need not be asked. */
  readonly isAnonymous: (request: RequestHead) => boolean;
  /** Told what failed on our side: an `authenticate` or access rule that throws, or answers nonsense. */
  readonly onError: (error: unknown) => void;
}

/** What a request asks for. */
interface Asked {
  readonly named: NamedChannels;
  readonly channels: ReadonlyMap<string, ResolvedChannel>;
  readonly encoding: Encoding;
  /** `?cursor=`. */
  readonly cursor: string | null;
  /** When it came, as the hub counts disconnections. */
  readonly since: number;
}

/** A handler for the router. */
export class SseEndpoint {
  readonly #options: SseEndpointOptions;

  constructor(options: SseEndpointOptions) {
    this.#options = options;
  }

  /** Comes back at once where nobody has to be asked and nothing has to be waited for. Throws, or rejects with, the verdict. */
  handle(exchange: StreamExchange): void | Promise<void> {
    const asked = this.#read(exchange);
    const asker = this.#admit(exchange, asked);
    if (!(asker instanceof Promise)) return this.#open(exchange, asked, asker);
    return asker.then((admitted) => this.#open(exchange, asked, admitted));
  }

  #read({ query }: StreamExchange): Asked {
    const { admission, limits, streams } = this.#options;
    // A client that says everything on the open stream may begin with none: it has a way to do so, and no id to resume by.
    const keepsPositions = query.get('ids') === 'no';
    const named: NamedChannels =
      keepsPositions && !query.has('channel') ? new Map() : namedChannels(query, limits.maxChannelsPerConnection);
    const channels = admission.resolveAll(named.keys());
    const withIds = channels.size === 1 ? oneChannelSse : manyChannelsSse;
    const encoding = keepsPositions ? plainSse : withIds;
    return { named, channels, encoding, cursor: query.get('cursor'), since: streams.mark };
  }

  #open(
    exchange: StreamExchange,
    { named, encoding, cursor, since }: Asked,
    admitted: Asker | Refusal,
  ): void | Promise<void> {
    const { streams, limits } = this.#options;
    if ('close' in admitted) {
      streams.refuse(exchange.res, encoding, admitted);
      return undefined;
    }
    const { head } = exchange;
    if (head.method === 'HEAD') {
      writeStreamHead(exchange.res);
      exchange.res.end();
      return undefined;
    }
    const opening = streams.open(exchange, {
      channels: [...named.keys()],
      encoding,
      resume: resumePoint(named, { lastEventId: head.headers['last-event-id'], cursor }),
      handshake: {
        label: 'sse',
        transport: 'sse',
        address: admitted.address,
        credential: admitted.identity,
        since,
        // A stream that stays empty, for nobody in particular, is somebody's mistake.
        ...(named.size === 0 ? { idleMs: limits.unauthenticatedMs } : {}),
      },
    });
    return opening instanceof Promise ? opening.then(() => undefined) : undefined;
  }

  /** What passes with time (a limit, a fault of ours) comes back as a refusal for the stream. */
  #admit(exchange: StreamExchange, { channels }: Asked): Asker | Refusal | Promise<Asker | Refusal> {
    const { gate, isAnonymous, admission } = this.#options;
    const { address } = exchange;
    const tooFast = gate.arrives(address);
    if (tooFast !== undefined) return passingRefusal(tooFast, exchange.language);
    const isOpen = isAnonymous(exchange.head) && admission.areOpen(channels.values());
    return isOpen ? { identity: undefined, address } : this.#ask(exchange, channels, address);
  }

  /** Rejects with the verdict. */
  async #ask(exchange: StreamExchange, channels: Asked['channels'], address: string): Promise<Asker | Refusal> {
    try {
      const asker = { identity: await this.#options.identify(exchange.req), address };
      const denied = await this.#options.admission.firstDenied(channels, asker);
      if (denied?.status !== 429) return asker;
      const { close, message } = passingRefusal('RATE_LIMITED', exchange.language);
      return { code: denied.code, message: denied.message ?? message, close };
    } catch (error) {
      if (isVerdict(error)) throw error;
      if (isUnexpected(error)) this.#options.onError(error);
      const { code } = toHttpError(error);
      return passingRefusal(isRefusalReason(code) ? code : 'INTERNAL', exchange.language);
    }
  }
}
