/** A WebSocket path of an application's own: Origin, credential, limits and heartbeats as on /live/ws, messages as it likes. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { CloseFrame, ControlFrame, Language } from '@fanfare/protocol';
import type { Identity } from '../../auth/identity.ts';
import type { Connection, Hub } from '../../core/index.ts';
import { clientAddress } from '../../http/address.ts';
import type { Commands } from '../commands/commands.ts';
import { OwnConnection } from '../own/own-connection.ts';
import { passingRefusal, type Refusal, refusalFrames } from '../refusal.ts';
import { textMessage } from './encoding.ts';
import { type Arrival, WsFront, type WsFrontOptions } from './front.ts';
import type { PeerEnd, PeerSession, WsPeer } from './peer.ts';
import type { Closing } from './transport.ts';
import type { WebSocketView } from './view.ts';

/** How a WebSocket ended. */
export interface SocketEnd {
  /** RFC 6455 §7.4: of the close frame that ended it; 1005: one without a code; 1006: there was none. */
  readonly code: number;
  readonly reason: string;
  /** Who ended it. A peer that went without a word did. */
  readonly by: 'client' | 'server';
}

/** What the application makes of one WebSocket. A function that throws ends that one, with 3008; `onError` is told. */
export interface SocketReader {
  /** One text message. */
  text(text: string): void;
  /** One binary message. @default it ends the connection with 1003 */
  binary?(): void;
  /** Told once. */
  ended?(end: SocketEnd): void;
}

/** Of one WebSocket path of an application's own. */
export interface WebSocketPathOptions {
  readonly view: WebSocketView;
  /** Told every WebSocket that was let in. Its first message is read afterwards. */
  readonly opened: (socket: OwnSocket) => SocketReader;
  /** A larger message ends the connection with 1009. @default the server's */
  readonly maxMessageBytes?: number;
  /** @default the hub's */
  readonly heartbeatMs?: number;
  /** Heartbeats that may pass without an answer. @default 2.5 */
  readonly silentHeartbeats?: number;
  /** A connection ends at this age. 0: no limit. @default random, 30 to 60 minutes */
  readonly maxAgeMs?: number;
  /** What the close frame says where the hub ends a connection; 'cut': it gets none. @default the hub's own code and reason */
  readonly closing?: (frame: CloseFrame) => Closing;
}

/** Takes an upgrade request for the path, as the 'upgrade' event of a server hands it out. */
export type WebSocketPath = (req: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** One WebSocket on a path of the application's own. */
export class OwnSocket extends OwnConnection {
  /** One text message, in order with events. */
  send(text: string): void {
    this.tell(textMessage(text));
  }
}

export interface OwnPathHost extends WsFrontOptions {
  readonly hub: Hub;
  readonly commands: Commands;
}

export function ownWebSocketPath(host: OwnPathHost, options: WebSocketPathOptions): WebSocketPath {
  const { maxMessageBytes } = options;
  const path = new OwnPath(host, options);
  const front = new WsFront(host, {
    accept: (arrival) => path.accept(arrival),
    closingOf: (frame) => path.closingOf(frame),
    ...(maxMessageBytes === undefined ? {} : { maxMessageBytes }),
  });
  return (req, socket, head) => front.upgrade(req, socket, head);
}

class OwnPath {
  readonly #host: OwnPathHost;
  readonly #options: WebSocketPathOptions;

  constructor(host: OwnPathHost, options: WebSocketPathOptions) {
    this.#host = host;
    this.#options = options;
  }

  accept(arrival: Arrival): void {
    const { peer, head, language, entry, since } = arrival;
    const address = clientAddress(head, this.#host.trustedHops);
    const refusal = 'close' in entry ? entry : this.#refusalOf(entry.identity, { address, language });
    if (refusal !== undefined) this.#refuse(peer, refusal);
    else if (!('close' in entry)) {
      const { identity } = entry;
      const { hub, commands } = this.#host;
      const { view, heartbeatMs, silentHeartbeats, maxAgeMs } = this.#options;
      const connection = hub.open(peer, {
        encoding: view.encoding,
        label: view.name,
        address,
        credential: identity,
        since,
        answers: true,
        ...(heartbeatMs === undefined ? {} : { heartbeatMs }),
        ...(silentHeartbeats === undefined ? {} : { silentHeartbeats }),
        ...(maxAgeMs === undefined ? {} : { maxAgeMs }),
      });
      const { onError } = this.#host;
      const guard: Guard = (work) => {
        try {
          work();
        } catch (error) {
          onError(error);
          connection.failed(error);
        }
      };
      let reader: SocketReader = { text: () => {} };
      guard(() => {
        reader = this.#options.opened(new OwnSocket({ commands, connection, identity, language }));
      });
      peer.attach(sessionOf({ connection, reader, peer, guard }));
      // The turn that is beginning may have nothing to say.
      setImmediate(sendHead, peer);
    }
  }

  #refusalOf(
    identity: Identity | undefined,
    { address, language }: { readonly address: string; readonly language: Language },
  ): Refusal | undefined {
    const reason = this.#host.gate.refuses({ identity: identity?.subject ?? '', address, channels: [] });
    return reason && passingRefusal(reason, language);
  }

  /** A page cannot read the status of a failed upgrade: it is told in a message, and by the code of the close. */
  #refuse(peer: WsPeer, refusal: Refusal): void {
    const { view } = this.#options;
    for (const frame of refusalFrames(refusal)) {
      peer.send([this.#shown(frame, view)]);
      if (frame.type === 'close') peer.close(frame);
    }
  }

  /** Ends a connection that is ending anyway: what the application throws here keeps none of them open. */
  closingOf(frame: CloseFrame): Closing {
    try {
      return this.#options.closing?.(frame) ?? frame;
    } catch (error) {
      this.#host.onError(error);
      return frame;
    }
  }

  #shown(frame: ControlFrame, view: WebSocketView): Uint8Array {
    return view.encoding.control(frame, { cursor: '', connections: this.#host.hub.connectionCount, subscribers: 0 });
  }
}

function sendHead(peer: WsPeer): void {
  peer.sendHead();
}

/** Runs a function of the application; what it throws ends its connection and nothing else. */
type Guard = (work: () => void) => void;

function sessionOf(parts: {
  readonly connection: Connection;
  readonly reader: SocketReader;
  readonly peer: WsPeer;
  readonly guard: Guard;
}): PeerSession {
  const { connection, reader, peer, guard } = parts;
  return {
    connection,
    receive: (text) => {
      if (!connection.closed) guard(() => reader.text(text));
    },
    ...(reader.binary && { receiveBinary: () => guard(() => reader.binary?.()) }),
    ended: (heard) => guard(() => reader.ended?.(endOf(peer.closedWith, heard))),
  };
}

/** Ours is known before the peer has answered it, if it ever does. */
function endOf(ours: Closing | undefined, { code, reason, refused }: PeerEnd): SocketEnd {
  if (ours === undefined) return { code, reason, by: refused ? 'server' : 'client' };
  return ours === 'cut' ? { code: 1006, reason: '', by: 'server' } : { ...ours, by: 'server' };
}
