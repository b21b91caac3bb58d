/** Reads one WebSocket: each message is a command, carried out in order; what is wrong with one is said, and the connection stays. */
import { type ClientFrame, decodeClientFrame, describeError, type ErrorFrame } from '@fanfare/protocol';
import type { RawData, WebSocket } from 'ws';
import type { CommandSession, Commands } from '../commands.ts';
import type { CommandRate } from './command-rate.ts';

export interface SessionOptions {
  readonly webSocket: WebSocket;
  readonly session: CommandSession;
  readonly commands: Commands;
  readonly rate: CommandRate;
  readonly now: () => number;
}

/** Commands of one connection that wait for those before them; then its socket is not read until they are done. */
const MAX_WAITING = 64;
/** RFC 6455 §7.4.1: a message of a kind that is not accepted. */
const UNSUPPORTED = 1003;

export class WebSocketSession {
  readonly #options: SessionOptions;
  /** The last command that was begun. */
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  constructor(options: SessionOptions) {
    this.#options = options;
    const { webSocket, session } = options;
    const { connection } = session;
    webSocket.on('message', (data, isBinary) => this.#message(data, isBinary));
    webSocket.on('pong', () => connection.heard());
    webSocket.on('ping', () => connection.heard());
    webSocket.on('close', (code) => connection.ended(code));
    // What is no WebSocket frame, or too large: `ws` closes with the code for it, and 'close' follows.
    webSocket.on('error', () => undefined);
  }

  #message(data: RawData, isBinary: boolean): void {
    const { webSocket, session, rate, now } = this.#options;
    const { connection, language } = session;
    if (connection.closed) return;
    connection.heard();
    if (isBinary) {
      webSocket.close(UNSUPPORTED, 'frames are text');
      return;
    }
    const frame = decodeClientFrame(String(data));
    const outcome = rate.take(now());
    if (outcome === 'abuse') connection.close('rateLimited');
    else if (outcome === 'over') connection.control(refusal('RATE_LIMITED', { frame, language }));
    else if (frame.ok) this.#run(frame.value);
    else connection.control({ ...refusal('FRAME_INVALID', { frame, language }), details: frame.problem });
  }

  /** In the order of arrival: an unsubscribe never overtakes its subscribe. */
  #run(frame: ClientFrame): void {
    const { webSocket, session, commands } = this.#options;
    this.#waiting += 1;
    if (this.#waiting === MAX_WAITING) webSocket.pause();
    this.#last = this.#last.then(async () => {
      if (!session.connection.closed) {
        const { frame: answer, told } = await commands.run(session, frame);
        if (!told) session.connection.control(answer);
      }
      this.#waiting -= 1;
      if (this.#waiting === 0 && webSocket.isPaused) webSocket.resume();
    });
  }
}

type Decoded = ReturnType<typeof decodeClientFrame>;

function refusal(
  code: 'RATE_LIMITED' | 'FRAME_INVALID',
  { frame, language }: { readonly frame: Decoded; readonly language: CommandSession['language'] },
): ErrorFrame {
  const id = frame.ok && 'id' in frame.value ? frame.value.id : undefined;
  const retry = code === 'RATE_LIMITED';
  return { type: 'error', code, message: describeError(code, language), ...(id === undefined ? {} : { id }), retry };
}
