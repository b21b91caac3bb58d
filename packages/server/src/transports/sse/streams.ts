/** Turns a request into a live SSE stream: admission, the response head, the subscriptions, and the way out when one is refused. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { encodeSseRetry } from '@fanfare/protocol';
import {
  type ChannelRule,
  type Connection,
  type ControlFacts,
  type Encoding,
  type Entropy,
  type Handshake,
  type Hub,
  type HubLimits,
  retryDelayMs,
  type SubscribeOutcome,
} from '../../core/index.ts';
import type { ConnectionGate } from '../connection-gate.ts';
import {
  disabledTransport,
  passingRefusal,
  type Refusal,
  refusalError,
  refusalFrames,
  subscribeRefusal,
} from '../refusal.ts';
import { knownPositions, type ResumePoint } from '../resume.ts';
import { writeStreamHead } from './response-head.ts';
import { SseTransport } from './transport.ts';
import { type OpenedWire, openWire, type StreamExchange } from './wire.ts';

export interface SseStreamsOptions {
  readonly hub: Hub;
  readonly entropy: Entropy;
  readonly limits: Pick<HubLimits, 'minRetryMs' | 'maxRetryMs'>;
  readonly rules: (channel: string) => ChannelRule | undefined;
  readonly gate: ConnectionGate;
}

/** What the stream shows; who may see it was decided before. */
export interface StreamRequest {
  /** Parsed, distinct, at most 128, each with a rule. */
  readonly channels: readonly string[];
  readonly encoding: Encoding;
  readonly resume: ResumePoint;
  /** Hand a state's value over even when the client has it. @default false */
  readonly always?: boolean;
  readonly handshake: Omit<Handshake, 'encoding' | 'positions'>;
}

/** What the client was refused with; undefined: nothing. */
export type Opening = Refusal | undefined | Promise<Refusal | undefined>;

/** A refusal tells nothing of the server. */
const NO_FACTS: ControlFacts = { cursor: '', connections: 0, subscribers: 0 };

export class SseStreams {
  readonly #options: SseStreamsOptions;

  constructor(options: SseStreamsOptions) {
    this.#options = options;
  }

  /** Of the hub's disconnections: for who begins to be let in now. */
  get mark(): number {
    return this.#options.hub.disconnects.mark;
  }

  /** The same of a request that an application has asked about. */
  asked(req: IncomingMessage): number {
    return this.#options.hub.disconnects.asked(req);
  }

  /**
   * Comes back once the stream stands or was refused, in-band: at once where nothing has to be waited for. Never fails for what a
   * client or the engine does.
   */
  open(exchange: StreamExchange, stream: StreamRequest): Opening {
    const opened = openWire(exchange);
    if (opened instanceof Promise) return opened.then((wire) => this.#open(exchange, wire, stream));
    return this.#open(exchange, opened, stream);
  }

  #open(exchange: StreamExchange, opened: OpenedWire | undefined, stream: StreamRequest): Opening {
    if (opened === undefined) return undefined;
    // From here to the subscriptions nothing waits, so that nobody slips in between.
    const refusal = this.#refusalOf(exchange, stream);
    if (refusal === undefined) return this.#subscribe(this.#connect(opened, stream), exchange, stream);
    this.refuse(exchange.res, stream.encoding, refusal);
    return refusal;
  }

  /** 200, `retry:`, an `error` event, the end: any other status would stop an EventSource for ever [reliability: verdicts]. */
  refuse(res: ServerResponse, encoding: Encoding, refusal: Refusal): void {
    const retry = Buffer.from(encodeSseRetry(this.#retryMs(Number.POSITIVE_INFINITY)));
    writeStreamHead(res);
    res.end(Buffer.concat([retry, ...refusalFrames(refusal).map((frame) => encoding.control(frame, NO_FACTS))]));
  }

  #refusalOf(exchange: StreamExchange, { channels, handshake }: StreamRequest): Refusal | undefined {
    const { hub, gate } = this.#options;
    const { transports } = hub;
    if (handshake.transport !== undefined && !transports.allows(handshake.transport)) {
      return disabledTransport(transports.allowed, exchange.language);
    }
    const { credential, address = '' } = handshake;
    const reason = gate.refuses({ identity: credential?.subject ?? '', address, channels });
    return reason && passingRefusal(reason, exchange.language);
  }

  #connect(opened: OpenedWire, stream: StreamRequest): Connection {
    const preface = Buffer.from(
      opened.begin() + encodeSseRetry(this.#retryMs(this.#options.hub.connectionCount)),
      'latin1',
    );
    const transport = new SseTransport(opened.wire, preface);
    const connection = this.#options.hub.open(transport, {
      encoding: stream.encoding,
      positions: knownPositions(stream.resume),
      ...stream.handshake,
    });
    transport.attach(connection);
    const { letGo } = opened;
    if (letGo === undefined) transport.takeOver();
    else {
      // Not now: the hub's first frames take the head along, and we may be inside the parser that is to be let go.
      setImmediate(() => {
        transport.sendHead();
        if (letGo()) transport.takeOver();
      });
    }
    return connection;
  }

  /** All or nothing: a client that asked for three channels is not served two. */
  #subscribe(connection: Connection, exchange: StreamExchange, stream: StreamRequest): Opening {
    const { channels, resume } = stream;
    const { since } = stream.handshake;
    const outcomes = channels.map((channel) => {
      const position = resume.get(channel);
      const always = stream.always === true && this.#options.rules(channel)?.kind === 'state';
      return connection.subscribe(channel, { always, since, ...(position === undefined ? {} : { position }) });
    });
    const known = outcomes.filter(isKnown);
    if (known.length === outcomes.length) return this.#conclude(connection, exchange, known);
    return Promise.all(outcomes).then((all) => this.#conclude(connection, exchange, all));
  }

  #conclude(connection: Connection, exchange: StreamExchange, outcomes: readonly SubscribeOutcome[]): Opening {
    const refused = outcomes.find((outcome) => outcome.kind === 'refused');
    if (refused === undefined || refused.code === 'CLOSED') return undefined;
    const refusal = subscribeRefusal(refused.code, exchange.language);
    connection.control(refusalError(refusal));
    connection.close(refusal.close);
    return refusal;
  }

  #retryMs(crowd: number): number {
    return retryDelayMs(this.#options.limits, this.#options.entropy, crowd);
  }
}

function isKnown(outcome: SubscribeOutcome | Promise<SubscribeOutcome>): outcome is SubscribeOutcome {
  return !(outcome instanceof Promise);
}
