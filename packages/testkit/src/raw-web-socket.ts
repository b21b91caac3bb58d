/**
 * A WebSocket client made of a bare socket: writes any frame, broken ones too, and checks every byte of a server's. It shares
 * no code with the server, so that both cannot be wrong in the same way.
 */
import { createHash, randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { decodeServerFrame, type ServerFrame } from '@fanfare/protocol';
import { vi } from 'vitest';

/** Opcodes of RFC 6455 §5.2. */
export const OPCODES = { continuation: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

export interface RawFrame {
  /** @default text */
  readonly opcode?: number;
  readonly payload?: Uint8Array | string;
  /** @default true */
  readonly fin?: boolean;
  /** The three reserved bits. @default 0 */
  readonly reserved?: number;
  /** @default true, as a client must */
  readonly masked?: boolean;
}

export interface RawWebSocketOptions {
  readonly port: number;
  /** @default /live/ws */
  readonly path?: string;
  /** Beside those of the upgrade, which an entry of the same name replaces. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Whether texts have to be frames of the protocol; else they are only counted. @default true */
  readonly readsFrames?: boolean;
  /** The messages are none of our protocol: they are in `texts` alone. @default false */
  readonly isForeign?: boolean;
}

const TIMEOUT = { timeout: 20_000, interval: 5 };
const GUID = '258EAFA5-E914-47DA-95CA-C5AB0DC85B11';

export class RawWebSocket implements Disposable {
  readonly socket: Socket;
  /** Of the protocol, in order. */
  readonly frames: ServerFrame[] = [];
  /** Text messages as they came, in order. */
  readonly texts: string[] = [];
  readonly pings: Buffer[] = [];
  readonly pongs: Buffer[] = [];
  /** Head of the answer to the upgrade, and the body of one that refuses it. */
  head = '';
  body = '';
  closed = false;
  /** What the server's close frame said. */
  closedWith: { readonly code: number; readonly reason: string } | undefined;
  /** Bytes ever received. */
  receivedBytes = 0;
  /** Whether pings of the server are answered, as every client must. */
  answersPings = true;
  readonly #accept: string;
  readonly #readsFrames: boolean;
  readonly #isForeign: boolean;
  #buffer: Buffer = Buffer.alloc(0);

  constructor(options: RawWebSocketOptions) {
    const key = randomBytes(16).toString('base64');
    this.#isForeign = options.isForeign === true;
    this.#accept = createHash('sha1')
      .update(key + GUID)
      .digest('base64');
    this.#readsFrames = options.readsFrames ?? true;
    this.socket = connect({ port: options.port, host: '127.0.0.1', noDelay: true });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.closed = true;
    });
    this.socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    const headers = {
      Host: `127.0.0.1:${options.port}`,
      Upgrade: 'websocket',
      Connection: 'Upgrade',
      'Sec-WebSocket-Key': key,
      'Sec-WebSocket-Version': '13',
      ...options.headers,
    };
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    this.socket.write(`GET ${options.path ?? '/live/ws'} HTTP/1.1\r\n${lines.join('')}\r\n`);
  }

  get status(): number {
    return Number(this.head.split(' ')[1]);
  }

  /** A header of the answer, as it stands there. */
  header(name: string): string | undefined {
    return new RegExp(`^${name}: (.*)$`, 'im').exec(this.head)?.[1]?.trim();
  }

  /** Resolves once the upgrade was answered. */
  async answered(): Promise<this> {
    await vi.waitUntil(() => this.head !== '' || this.closed, TIMEOUT);
    return this;
  }

  async untilClosed(): Promise<void> {
    await vi.waitUntil(() => this.closed, TIMEOUT);
  }

  /** Waits for the first frame that fits. */
  until<T extends ServerFrame>(fits: (frame: ServerFrame) => frame is T): Promise<T>;
  until(fits: (frame: ServerFrame) => boolean): Promise<ServerFrame>;
  until(fits: (frame: ServerFrame) => boolean): Promise<ServerFrame> {
    return vi.waitUntil(() => this.frames.find(fits), TIMEOUT);
  }

  /** A text message of one frame; anything that is no string is made JSON. */
  send(message: unknown): void {
    this.write({ payload: typeof message === 'string' ? message : JSON.stringify(message) });
  }

  write(frame: RawFrame): void {
    this.socket.write(encodeRawFrame(frame));
  }

  close(code = 1000): void {
    const payload = Buffer.alloc(2);
    payload.writeUInt16BE(code);
    this.write({ opcode: OPCODES.close, payload });
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.receivedBytes += chunk.length;
    this.#buffer = Buffer.concat([this.#buffer, chunk]);
    if (this.head === '' && !this.#readHead()) return;
    if (this.status !== 101) this.body = this.#buffer.toString();
    else while (this.#readFrame());
  }

  #readHead(): boolean {
    const end = this.#buffer.indexOf('\r\n\r\n');
    if (end === -1) return false;
    this.head = this.#buffer.subarray(0, end).toString('latin1');
    this.#buffer = this.#buffer.subarray(end + 4);
    if (this.status === 101 && this.header('Sec-WebSocket-Accept') !== this.#accept)
      throw new Error('wrong accept key');
    return true;
  }

  /** false: it is not whole yet. */
  #readFrame(): boolean {
    const [first, second] = this.#buffer;
    if (first === undefined || second === undefined) return false;
    if ((first & 0x70) !== 0 || (first & 0x80) === 0) throw new Error('a reserved bit, or a fragment');
    if ((second & 0x80) !== 0) throw new Error('a server must not mask');
    const short = second & 0x7f;
    const header = short < 126 ? 2 : short === 126 ? 4 : 10;
    if (this.#buffer.length < header) return false;
    const length =
      short < 126 ? short : short === 126 ? this.#buffer.readUInt16BE(2) : Number(this.#buffer.readBigUInt64BE(2));
    if (header > 2 && length < (header === 4 ? 126 : 65_536)) throw new Error('the length is not the shortest form');
    if (this.#buffer.length < header + length) return false;
    this.#take(first & 0x0f, Buffer.from(this.#buffer.subarray(header, header + length)));
    this.#buffer = this.#buffer.subarray(header + length);
    return true;
  }

  #take(opcode: number, payload: Buffer): void {
    if (this.closedWith !== undefined) throw new Error('a frame after the close frame');
    if (opcode === OPCODES.text && !this.#readsFrames) return;
    if (opcode === OPCODES.text) {
      const text = new TextDecoder('utf-8', { fatal: true }).decode(payload);
      this.texts.push(text);
      if (this.#isForeign) return;
      const decoded = decodeServerFrame(text);
      if (!decoded.ok) throw new Error(`not a frame: ${JSON.stringify(decoded.problem)}`);
      this.frames.push(decoded.value);
    } else if (opcode === OPCODES.ping) {
      this.pings.push(payload);
      if (this.answersPings) this.write({ opcode: OPCODES.pong, payload });
    } else if (opcode === OPCODES.pong) this.pongs.push(payload);
    else if (opcode === OPCODES.close) {
      this.closedWith = {
        code: payload.length < 2 ? 1005 : payload.readUInt16BE(0),
        reason: payload.toString('utf8', 2),
      };
      this.write({ opcode: OPCODES.close, payload: payload.subarray(0, 2) });
    } else throw new Error(`opcode ${opcode} from a server`);
  }
}

/** The bytes of one frame, whether they make sense or not. */
export function encodeRawFrame({
  opcode = 1,
  payload = '',
  fin = true,
  reserved = 0,
  masked = true,
}: RawFrame): Buffer {
  const bytes = Buffer.from(payload);
  const header = bytes.length < 126 ? 2 : bytes.length < 65_536 ? 4 : 10;
  const head = Buffer.alloc(header);
  head[0] = (fin ? 0x80 : 0) | (reserved << 4) | opcode;
  head[1] = (masked ? 0x80 : 0) | (header === 2 ? bytes.length : header === 4 ? 126 : 127);
  if (header === 4) head.writeUInt16BE(bytes.length, 2);
  if (header === 10) head.writeBigUInt64BE(BigInt(bytes.length), 2);
  if (!masked) return Buffer.concat([head, bytes]);
  const mask = randomBytes(4);
  return Buffer.concat([head, mask, bytes.map((byte, index) => byte ^ (mask[index % 4] ?? 0))]);
}
