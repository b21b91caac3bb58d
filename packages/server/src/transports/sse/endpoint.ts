/** GET /live/sse: who asks, for which channels, from where on [PROTOCOL §6.2]. A verdict is a status; anything passing is in-band. */
import type { IncomingMessage } from 'node:http';
import type { Identity } from '../../auth/identity.ts';
import type { ResolvedChannel } from '../../channels/channel-map.ts';
import type { HubLimits } from '../../core/index.ts';
import { isUnexpected, toHttpError } from '../../http/errors.ts';
import type { Exchange } from '../../http/exchange.ts';
import type { WireLimits } from '../../http/wire-limits.ts';
import { type Admission, type Asker, isVerdict } from '../admission.ts';
import type { ConnectionGate } from '../connection-gate.ts';
import { isRefusalReason, passingRefusal, type Refusal } from '../refusal.ts';
import { type NamedChannels, namedChannels, resumePoint } from '../resume.ts';
import { manyChannelsSse, oneChannelSse, plainSse } from './encoding.ts';
import { writeStreamHead } from './response-head.ts';
import type { SseStreams, StreamRequest } from './streams.ts';

export interface SseEndpointOptions {
  readonly streams: SseStreams;
  readonly admission: Admission;
  readonly gate: ConnectionGate;
  readonly limits: Pick<HubLimits & WireLimits, 'maxChannelsPerConnection' | 'unauthenticatedMs'>;
  /** Who asks; rejects with what the application throws. */
  readonly identify: (request: IncomingMessage) => Promise<Identity | undefined>;
  /** Told what failed on our side: an `authenticate` or access rule that throws, or answers nonsense. */
  readonly onError: (error: unknown) => void;
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
    const { admission, limits } = this.#options;
    // A client that says everything on the open stream may begin with none: it has a way to do so, and no id to resume by.
    const keepsPositions = query.get('ids') === 'no';
    const named: NamedChannels =
      keepsPositions && !query.has('channel') ? new Map() : namedChannels(query, limits.maxChannelsPerConnection);
    const channels = admission.resolveAll(named.keys());
    const withIds = channels.size === 1 ? oneChannelSse : manyChannelsSse;
    const encoding = keepsPositions ? plainSse : withIds;
    const since = this.#options.streams.mark;
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
    const stream: StreamRequest = {
      channels: [...named.keys()],
      encoding,
      language: exchange.language,
      resume: resumePoint(named, { lastEventId: req.headers['last-event-id'], cursor: query.get('cursor') }),
      handshake: {
        label: 'sse',
        transport: 'sse',
        address: exchange.address,
        credential: asker.identity,
        since,
        // A stream that stays empty, for nobody in particular, is somebody's mistake.
        ...(named.size === 0 ? { idleMs: limits.unauthenticatedMs } : {}),
      },
    };
    await this.#options.streams.open(req, res, stream);
  }

  /** Throws the verdict. What passes with time (a limit, a fault of ours) comes back as a refusal for the stream. */
  async #admit(exchange: Exchange, channels: ReadonlyMap<string, ResolvedChannel>): Promise<Asker | Refusal> {
    const tooFast = this.#options.gate.arrives(exchange.address);
    if (tooFast !== undefined) return passingRefusal(tooFast, exchange.language);
    try {
      const asker = { identity: await this.#options.identify(exchange.req), address: exchange.address };
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
