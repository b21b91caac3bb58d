/** An SSE path of an application's own: hub channels as its view shows them, in the limits and with the resuming of our own paths. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { MAX_CHANNELS_PER_CONNECTION, parseChannelName } from '@fanfare/protocol';
import type { Identity } from '../../auth/identity.ts';
import type { ChannelRegistry } from '../../channels/channel-map.ts';
import type { DenialFacts } from '../../core/index.ts';
import { catalogueError, type HttpError } from '../../http/errors.ts';
import { Exchange } from '../../http/exchange.ts';
import type { OriginPolicy } from '../../http/origin-policy.ts';
import type { ProxyTrust } from '../../http/proxy-trust.ts';
import { requestPath } from '../../http/request-path.ts';
import { sendError } from '../../http/respond.ts';
import type { ConnectionGate } from '../connection-gate.ts';
import { passingRefusal } from '../refusal.ts';
import { resumePoint } from '../resume.ts';
import { writeStreamHead } from './response-head.ts';
import type { SseStreams } from './streams.ts';
import type { SseView } from './view.ts';

/** Of one stream on a system's own SSE path. */
export interface StreamOptions {
  /** Every one must be a channel of the map. Who may see them is the caller's to decide. */
  readonly channels: readonly string[];
  readonly view: SseView;
  /** The stream ends at this age, and its client resumes. 0: no limit. @default random, 30 to 60 minutes */
  readonly maxAgeMs?: number;
  /** @default the server's */
  readonly heartbeatMs?: number;
  /** Of the reader, or only its subject: for lists of connections, and so that the stream ends with its credential. */
  readonly identity?: Identity | string;
  /** Told the code when the client was refused: in-band, or with 403 where another site made its browser ask. */
  readonly onRefused?: (code: string) => void;
}

export interface ViewStreamsOptions {
  readonly streams: SseStreams;
  readonly gate: ConnectionGate;
  readonly registry: ChannelRegistry;
  readonly origins: OriginPolicy;
  readonly trustedHops: ProxyTrust;
  /** Told who was refused. */
  readonly onDenied: (facts: DenialFacts) => void;
}

export class ViewStreams {
  readonly #options: ViewStreamsOptions;

  constructor(options: ViewStreamsOptions) {
    this.#options = options;
  }

  /** Resolves when the stream stands or was refused in-band. Rejects with a TypeError for a channel that the map does not have. */
  async open(req: IncomingMessage, res: ServerResponse, options: StreamOptions): Promise<void> {
    const { view, maxAgeMs, heartbeatMs, identity, onRefused } = options;
    const { streams, gate, trustedHops } = this.#options;
    const since = streams.asked(req);
    const channels = this.#known(options.channels);
    const exchange = new Exchange(req, res, { trustedHops });
    const refused = this.#refusesForged(exchange);
    if (refused !== undefined) {
      onRefused?.(refused);
      return;
    }
    if (req.method === 'HEAD') {
      writeStreamHead(res);
      res.end();
      return;
    }
    const encoding = channels.length === 1 ? view.oneChannel : view.manyChannels;
    const tooFast = gate.arrives(exchange.address);
    if (tooFast !== undefined) {
      streams.refuse(res, encoding, passingRefusal(tooFast, exchange.language));
      onRefused?.(tooFast);
      return;
    }
    const refusal = await streams.open(exchange, {
      channels,
      encoding,
      resume: resumePoint(new Map(channels.map((name) => [name, ''])), {
        lastEventId: req.headers['last-event-id'],
        cursor: exchange.query.get('cursor'),
      }),
      always: view.snapshots,
      handshake: {
        label: view.name,
        address: exchange.address,
        since,
        credential: typeof identity === 'string' ? { subject: identity } : identity,
        ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
        ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
      },
    });
    if (refusal !== undefined) onRefused?.(refusal.code);
  }

  /** As our own paths do: another site may not make a visitor's browser hold a stream here. The code: it is answered. */
  #refusesForged({ req, res, language, address }: Exchange): string | undefined {
    const { origins } = this.#options;
    const forged = (): HttpError | undefined =>
      origins.isForged(req)
        ? catalogueError('ORIGIN_FORBIDDEN', { got: `a ${req.headers['sec-fetch-site']} page` })
        : undefined;
    const error = origins.misdirected(req) ?? forged();
    if (error === undefined) return undefined;
    sendError(req, res, { error, language });
    this.#options.onDenied({ code: error.code, action: requestPath(req.url ?? ''), address });
    return error.code;
  }

  /** A name that the map does not have is a mistake in the system's code, not in the request. */
  #known(names: readonly string[]): readonly string[] {
    const channels = [...new Set(names)];
    if (channels.length === 0 || channels.length > MAX_CHANNELS_PER_CONNECTION) {
      throw new TypeError(`channels: expected 1..${MAX_CHANNELS_PER_CONNECTION} names, got ${channels.length}.`);
    }
    for (const name of channels) {
      if (parseChannelName(name).ok && this.#options.registry.find(name) !== undefined) continue;
      throw new TypeError(`channels: no pattern of the channel map matches ${JSON.stringify(name)}.`);
    }
    return channels;
  }
}
